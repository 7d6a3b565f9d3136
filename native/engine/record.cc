#include "native/engine/record.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_set>

namespace snorkel_torch {
namespace {

using Kind = RecordedValue::Kind;

bool IsSameValue(const c10::IValue& first, const c10::IValue& second) {
  if (first.isTensor() && second.isTensor()) return true;  // both undefined
  if (first.isDouble() && second.isDouble()) {
    // By bits: NaN is the same constant as NaN, and 0 another one than -0.
    return std::bit_cast<uint64_t>(first.toDouble()) == std::bit_cast<uint64_t>(second.toDouble());
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

bool HaveSameBits(const at::Tensor& first, const at::Tensor& second) {
  const at::NoGradGuard no_grad;
  const at::Tensor a = first.cpu().contiguous(), b = second.cpu().contiguous();
  return a.nbytes() == b.nbytes() &&
         (a.nbytes() == 0 || std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0);
}

bool WasChangedSinceUse(const RecordedTensor& tensor) { return VersionOf(tensor.held) != tensor.version; }

std::optional<std::string> FindDifferentConstant(const RecordedTensor& first, const RecordedTensor& second) {
  // Held by somebody from step to step: its values are read anew in each.
  if (first.held.is_alias_of(second.held)) return std::nullopt;
  if (WasChangedSinceUse(first) || WasChangedSinceUse(second))
    return c10::str("a constant of the shape ", c10::IntArrayRef(first.sizes), " is changed in place");
  if (!HaveSameBits(first.held, second.held))
    return c10::str("a constant of the shape ", c10::IntArrayRef(first.sizes), " has other values");
  return std::nullopt;
}

std::optional<std::string> FindDifferentStorage(const Record& a, const Record& b, size_t i) {
  const RecordedStorage& first = a.storages[i];
  const RecordedStorage& second = b.storages[i];
  if (first.origin != second.origin || first.device != second.device) return "tensors come from elsewhere";
  if (first.origin == Origin::kComputed && first.bytes != second.bytes) return "results take up other memory";
  return std::nullopt;
}

// What one step leaves for the next, no program hands on.
bool UsesResultsOf(const Record& later, const Record& earlier) {
  std::unordered_set<const void*> results;
  for (const RecordedStorage& storage : earlier.storages) {
    if (storage.origin == Origin::kComputed) results.insert(storage.memory._unsafe_get_target());
  }
  return std::any_of(later.storages.begin(), later.storages.end(), [&](const RecordedStorage& storage) {
    return storage.origin != Origin::kComputed && results.count(storage.memory._unsafe_get_target()) > 0;
  });
}

std::optional<std::string> FindDifferentTensor(const Record& a, const Record& b, size_t i) {
  const RecordedTensor& first = a.tensors[i];
  const RecordedTensor& second = b.tensors[i];
  const Origin origin = a.storages[first.storage].origin;
  if (first.storage != second.storage || first.is_wrapped_number != second.is_wrapped_number)
    return "tensors come from elsewhere";
  if (first.dtype != second.dtype || first.sizes != second.sizes || first.strides != second.strides ||
      first.offset != second.offset) {
    return c10::str("a tensor has the shape ", c10::IntArrayRef(first.sizes), " once and ",
                    c10::IntArrayRef(second.sizes), " then");
  }
  if (origin == Origin::kPersistent && !first.held.is_same(second.held) &&
      !first.held.is_alias_of(second.held)) {
    return "parameters are other ones";
  }
  if (origin == Origin::kConstant) return FindDifferentConstant(first, second);
  return std::nullopt;
}

}  // namespace

uint32_t VersionOf(const at::Tensor& tensor) {
  const c10::VariableVersion& version = tensor.unsafeGetTensorImpl()->version_counter();
  return version.enabled() ? version.current_version() : 0;
}

std::string NameOf(const RecordedCall& call) { return c10::toString(call.op.operator_name()); }

std::optional<std::string> FindDifference(const Record& first, const Record& second) {
  const size_t calls = std::min(first.calls.size(), second.calls.size());
  for (size_t i = 0; i < calls; i++) {
    const RecordedCall& a = first.calls[i];
    const RecordedCall& b = second.calls[i];
    if (!(a.op == b.op) || a.guard != b.guard)
      return c10::str("operator ", i, " is ", NameOf(a), " once and ", NameOf(b), " then");
    const bool has_same_keys = a.keys == b.keys && a.local_keys.included_ == b.local_keys.included_ &&
                               a.local_keys.excluded_ == b.local_keys.excluded_;
    if (!has_same_keys || a.is_grad_enabled != b.is_grad_enabled ||
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
  if (UsesResultsOf(second, first)) return std::string("a tensor that an earlier step computed is used");
  for (size_t i = 0; i < first.storages.size(); i++) {
    if (auto difference = FindDifferentStorage(first, second, i)) return difference;
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
