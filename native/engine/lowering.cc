#include "native/engine/lowering.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "native/engine/simplify.h"

namespace snorkel_torch {
namespace {

using Kind = RecordedValue::Kind;
using Stack = torch::jit::Stack;

c10::OperatorHandle Find(const char* name, const char* overload) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
}

c10::DispatchKey BackendOf(const Record& record, const RecordedCall& call) {
  c10::DeviceType device = c10::DeviceType::CPU;
  const auto see = [&](size_t tensor) {
    const c10::Device& other = record.storages[record.tensors[tensor].storage].device;
    if (!other.is_cpu()) device = other.type();
  };
  ForEachTensor(call.arguments, see);
  ForEachTensor(call.results, see);
  return device == c10::DeviceType::CUDA ? c10::DispatchKey::CUDA : c10::DispatchKey::CPU;
}

// What an operator that has no form of its own with given results does with them.
struct Substitute {
  c10::OperatorHandle op;
  /// The arguments for it, from those of the recorded call and the tensor for the result.
  std::function<Stack(const Stack&, const at::Tensor&)> arguments;
};

const std::unordered_map<std::string, Substitute>& Substitutes() {
  const auto fill = [](std::function<c10::IValue(const Stack&)> value) {
    return Substitute{Find("aten::fill_", "Scalar"), [value](const Stack& given, const at::Tensor& out) {
                        return Stack{out, value(given)};
                      }};
  };
  const Substitute zeros{Find("aten::zero_", ""),
                         [](const Stack&, const at::Tensor& out) { return Stack{out}; }};
  const auto ones = fill([](const Stack&) { return c10::IValue(1); });
  const auto full = [&](size_t place) { return fill([place](const Stack& given) { return given[place]; }); };
  const Substitute copy{Find("aten::copy_", ""), [](const Stack& given, const at::Tensor& out) {
                          return Stack{out, given[0], false};
                        }};
  static const std::unordered_map<std::string, Substitute> substitutes = {
      {"aten::zeros", zeros},
      {"aten::zeros_like", zeros},
      {"aten::new_zeros", zeros},
      {"aten::ones", ones},
      {"aten::ones_like", ones},
      {"aten::new_ones", ones},
      {"aten::full", full(1)},
      {"aten::full_like", full(1)},
      {"aten::new_full", full(2)},
      {"aten::clone", copy},
      {"aten::_to_copy", copy},
      {"aten::relu",
       {Find("aten::clamp_min", "out"),
        [](const Stack& given, const at::Tensor& out) { return Stack{given[0], 0, out}; }}},
      {"aten::sum",
       {Find("aten::sum", "IntList_out"),
        [](const Stack& given, const at::Tensor& out) {
          return Stack{given[0], std::vector<int64_t>(), false, given[1], out};
        }}},
  };
  return substitutes;
}

const Substitute* FindSubstitute(const RecordedCall& call) {
  const auto found = Substitutes().find(c10::toString(call.op.operator_name()));
  return found == Substitutes().end() ? nullptr : &found->second;
}

// The overloads of each operator that write results into given tensors.
const std::vector<c10::OperatorHandle>& FormsInto(const std::string& name) {
  static const auto forms = [] {
    std::unordered_map<std::string, std::vector<c10::OperatorHandle>> by_name;
    for (const c10::OperatorName& full : c10::Dispatcher::singleton().getAllOpNames()) {
      const auto op = c10::Dispatcher::singleton().findSchema(full);
      if (!op || op->schema().arguments().empty()) continue;
      if (op->schema().arguments().back().is_out()) by_name[full.name].push_back(*op);
    }
    return by_name;
  }();
  static const std::vector<c10::OperatorHandle> none;
  const auto found = forms.find(name);
  return found == forms.end() ? none : found->second;
}

// Losses whose form into given memory puts those of the elements there first, and resizes it for that.
bool ResizesResult(const RecordedCall& call) {
  static const std::unordered_set<std::string> names = {"aten::binary_cross_entropy", "aten::huber_loss",
                                                        "aten::mse_loss", "aten::smooth_l1_loss"};
  return names.count(call.op.schema().name()) > 0;
}

// The form of the call's operator that takes the same arguments and then its results.
std::optional<c10::OperatorHandle> FindFormInto(const RecordedCall& call, c10::DispatchKey backend) {
  const auto& given = call.op.schema().arguments();
  const size_t results = call.op.schema().returns().size();
  for (const c10::OperatorHandle& form : FormsInto(call.op.schema().name())) {
    const auto& taken = form.schema().arguments();
    if (taken.size() != given.size() + results || !form.hasKernelForDispatchKey(backend)) continue;
    bool fits = true;
    for (size_t i = 0; i < taken.size(); i++) {
      fits = fits && taken[i].is_out() == (i >= given.size());
      if (i < given.size())
        fits = fits && taken[i].name() == given[i].name() && *taken[i].type() == *given[i].type();
    }
    if (fits) return form;
  }
  return std::nullopt;
}

// Each result is one tensor, in memory of its own.
bool HasPlainResults(const Record& record, const RecordedCall& call) {
  std::vector<size_t> made = NewStorages(record, call);
  std::sort(made.begin(), made.end());
  const bool are_distinct = std::adjacent_find(made.begin(), made.end()) == made.end();
  return !call.results.empty() && are_distinct && made.size() == call.results.size() &&
         std::all_of(call.results.begin(), call.results.end(), [](const RecordedValue& result) {
           return result.kind == Kind::kTensor && result.tensors[0].has_value();
         });
}

c10::IValue MakeValue(const RecordedValue& value, const std::vector<at::Tensor>& tensors) {
  if (value.kind == Kind::kOther) return value.other;
  if (value.kind == Kind::kTensor) return tensors[*value.tensors[0]];
  if (value.kind == Kind::kTensors) {
    c10::List<at::Tensor> list;
    for (const auto& tensor : value.tensors) list.push_back(tensors[*tensor]);
    return list;
  }
  c10::List<std::optional<at::Tensor>> list;
  for (const auto& tensor : value.tensors)
    list.push_back(tensor ? std::optional<at::Tensor>(tensors[*tensor]) : std::nullopt);
  return list;
}

std::vector<TakenResult> ResultsToTake(const Record& record, const RecordedCall& call,
                                       const std::vector<at::Tensor>& tensors) {
  std::vector<TakenResult> taken;
  const std::vector<size_t> made = NewStorages(record, call);
  for (size_t place = 0; place < call.results.size(); place++) {
    const RecordedValue& result = call.results[place];
    for (size_t element = 0; element < result.tensors.size(); element++) {
      if (!result.tensors[element]) continue;
      const size_t storage = record.tensors[*result.tensors[element]].storage;
      if (std::find(made.begin(), made.end(), storage) == made.end()) continue;
      taken.push_back({place, element, result.kind != Kind::kTensor, tensors[*result.tensors[element]]});
    }
  }
  return taken;
}

}  // namespace

bool WritesInto(const Record& record, const RecordedCall& call) {
  if (call.guard || Writes(call) || ResizesResult(call) || !HasPlainResults(record, call)) return false;
  if (FindSubstitute(call)) return true;
  return FindFormInto(call, BackendOf(record, call)).has_value();
}

Instruction Lower(const Record& record, const RecordedCall& call, const std::vector<at::Tensor>& tensors,
                  bool into) {
  // Without autograd: nothing in a program asks for its gradient.
  auto local_keys = call.local_keys;
  local_keys.excluded_ = local_keys.excluded_ | c10::autograd_dispatch_keyset_with_ADInplaceOrView;
  Instruction instruction{call.op, call.keys, local_keys, call.is_grad_enabled, call.guard, {}, {}};
  for (const RecordedValue& argument : call.arguments)
    instruction.arguments.push_back(MakeValue(argument, tensors));
  if (!into) {
    if (!call.guard) instruction.taken = ResultsToTake(record, call, tensors);
    return instruction;
  }
  const c10::DispatchKey backend = BackendOf(record, call);
  if (const Substitute* substitute = FindSubstitute(call)) {
    instruction.arguments =
        substitute->arguments(instruction.arguments, tensors[*call.results[0].tensors[0]]);
    instruction.op = substitute->op;
  } else {
    instruction.op = *FindFormInto(call, backend);
    for (const RecordedValue& result : call.results)
      instruction.arguments.push_back(tensors[*result.tensors[0]]);
  }
  instruction.keys = c10::DispatchKeySet(backend);
  return instruction;
}

}  // namespace snorkel_torch
