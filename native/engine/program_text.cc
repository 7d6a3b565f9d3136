#include "native/engine/program_text.h"

#include <sstream>

#include "native/torch/dtype.h"

namespace snorkel_torch {
namespace {

using Kind = RecordedValue::Kind;

std::string NumberOf(const std::optional<size_t>& tensor) { return tensor ? c10::str("%", *tensor) : "none"; }

std::string TypeOf(const Record& record, size_t tensor) {
  const RecordedTensor& type = record.tensors[tensor];
  return c10::str("%", tensor, ": ", DtypeName(type.dtype), " ", c10::IntArrayRef(type.sizes));
}

void Join(std::ostream& out, const std::vector<RecordedValue>& values) {
  const char* separator = "";
  for (const RecordedValue& value : values) {
    out << separator;
    separator = ", ";
    if (value.kind == Kind::kOther) {
      if (value.other.isTensor())
        out << "none";
      else
        out << value.other;
    } else if (value.kind == Kind::kTensor) {
      out << NumberOf(value.tensors[0]);
    } else {
      out << "[";
      for (size_t i = 0; i < value.tensors.size(); i++)
        out << (i == 0 ? "" : ", ") << NumberOf(value.tensors[i]);
      out << "]";
    }
  }
}

}  // namespace

std::string Describe(const Record& record, size_t tensor) { return TypeOf(record, tensor) + "\n"; }

std::string Describe(const Record& record, const RecordedCall& call, const Instruction& instruction) {
  std::ostringstream out;
  const char* separator = "";
  ForEachTensor(call.results, [&](size_t tensor) {
    out << separator << TypeOf(record, tensor);
    separator = ", ";
  });
  if (!call.results.empty()) out << " = ";
  if (call.guard) out << "check ";
  out << instruction.Name() << "(";
  Join(out, call.arguments);
  out << ")\n";
  return out.str();
}

}  // namespace snorkel_torch
