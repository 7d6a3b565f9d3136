#include "native/engine/record_checks.h"

#include "native/engine/simplify.h"

namespace snorkel_torch {

std::optional<std::string> FindHiddenWrite(const Record& record) {
  std::vector<bool> is_empty(record.storages.size(), false);
  bool found = false;
  const auto read = [&](size_t tensor) { found = found || is_empty[record.tensors[tensor].storage]; };
  for (const RecordedCall& call : record.calls) {
    if (IsView(record, call)) continue;
    for (size_t i = 0; i < call.arguments.size(); i++) {
      if (!IsWritten(call, i) && !ReadsShapes(call)) ForEachTensor({call.arguments[i]}, read);
    }
    if (found) return NameOf(call) + " reads what no operator has written";
    for (const size_t storage : WrittenStorages(record, call))
      is_empty[storage] = IsAllocation(call) && record.storages[storage].bytes > 0;
  }
  for (const size_t output : record.outputs) read(output);
  for (const RecordedGradient& gradient : record.gradients) read(gradient.gradient);
  if (found) return std::string("a result is computed by something that is no operator");
  return std::nullopt;
}

std::optional<std::string> FindChangedConstant(const Record& record, const std::vector<bool>& is_fixed) {
  std::vector<bool> is_fixed_storage(record.storages.size(), false);
  for (size_t i = 0; i < is_fixed.size(); i++) {
    if (is_fixed[i]) is_fixed_storage[record.tensors[i].storage] = true;
  }
  for (const RecordedCall& call : record.calls) {
    if (IsView(record, call)) continue;
    for (const size_t storage : WrittenStorages(record, call)) {
      if (is_fixed_storage[storage]) return NameOf(call) + " changes a constant in place";
    }
  }
  return std::nullopt;
}

}  // namespace snorkel_torch
