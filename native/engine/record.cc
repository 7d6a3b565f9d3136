#include "native/engine/record.h"

#include <ATen/ATen.h>

namespace snorkel_torch {
namespace {

using Kind = RecordedValue::Kind;

bool IsSameValue(const c10::IValue& first, const c10::IValue& second) {
  if (first.isTensor() && second.isTensor()) return true;  // both undefined
  if (first.isDouble() && second.isDouble()) {
    // NaN is the same constant as NaN.
    const double a = first.toDouble(), b = second.toDouble();
    return a == b || (a != a && b != b);
  }
  return first.tagKind() == second.tagKind() && first == second;
}

bool AreSameValues(const std::vector<RecordedValue>& first, const std::vector<RecordedValue>& second) {
  if (first.size() != second.size()) return false;
  for (size_t i = 0; i < first.size(); i++) {
    if (first[i].kind != second[i].kind || first[i].tensors != second[i].tensors) return false;
    if (first[i].kind == Kind::kOther && !IsSameValue(first[i].other, second[i].other)) return false;
  }
  return true;
}

bool IsSameConstant(const at::Tensor& first, const at::Tensor& second) {
  if (first.is_same(second)) return true;
  const at::NoGradGuard no_grad;
  return first.device() == second.device() &&
         first.unsafeGetTensorImpl()->is_wrapped_number() == second.unsafeGetTensorImpl()->is_wrapped_number() &&
         at::isclose(first.detach(), second.detach(), 0, 0, /*equal_nan=*/first.is_floating_point())
             .all()
             .item<bool>();
}

std::optional<std::string> FindDifferentTensor(const Record& a, const Record& b, size_t i) {
  const RecordedTensor& first = a.tensors[i];
  const RecordedTensor& second = b.tensors[i];
  const Origin origin = a.storages[first.storage].origin;
  if (first.storage != second.storage || origin != b.storages[second.storage].origin)
    return "tensors come from elsewhere";
  if (first.dtype != second.dtype || first.sizes != second.sizes || first.strides != second.strides ||
      first.offset != second.offset) {
    return c10::str("a tensor has the shape ", first.sizes, " once and ", second.sizes, " then");
  }
  if (origin == Origin::kPersistent && !first.held.is_same(second.held) &&
      !first.held.is_alias_of(second.held)) {
    return "parameters are other ones";
  }
  if (origin == Origin::kConstant && !IsSameConstant(first.held, second.held))
    return c10::str("a constant of the shape ", first.sizes, " has other values");
  return std::nullopt;
}

}  // namespace

std::string NameOf(const RecordedCall& call) { return c10::toString(call.op.operator_name()); }

std::optional<std::string> FindDifference(const Record& first, const Record& second) {
  const size_t calls = std::min(first.calls.size(), second.calls.size());
  for (size_t i = 0; i < calls; i++) {
    const RecordedCall& a = first.calls[i];
    const RecordedCall& b = second.calls[i];
    if (!(a.op == b.op) || a.guard != b.guard)
      return c10::str("operator ", i, " is ", NameOf(a), " once and ", NameOf(b), " then");
    if (!(a.keys == b.keys) || a.is_grad_enabled != b.is_grad_enabled ||
        !AreSameValues(a.arguments, b.arguments) || !AreSameValues(a.results, b.results)) {
      return c10::str(NameOf(a), " (operator ", i, ") has other arguments");
    }
  }
  if (first.calls.size() != second.calls.size())
    return c10::str("there are ", first.calls.size(), " operators once and ", second.calls.size(), " then");
  if (first.tensors.size() != second.tensors.size() || first.storages.size() != second.storages.size() ||
      first.inputs != second.inputs || first.outputs != second.outputs ||
      first.gradients.size() != second.gradients.size()) {
    return std::string("other tensors are used");
  }
  for (size_t i = 0; i < first.tensors.size(); i++) {
    if (auto difference = FindDifferentTensor(first, second, i)) return difference;
  }
  for (size_t i = 0; i < first.gradients.size(); i++) {
    if (!first.gradients[i].parameter.is_same(second.gradients[i].parameter) ||
        first.gradients[i].gradient != second.gradients[i].gradient) {
      return std::string("other parameters get gradients");
    }
  }
  return std::nullopt;
}

}  // namespace snorkel_torch
