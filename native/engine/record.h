// What a step did, operator by operator, just below autograd: a straight line of calls over numbered tensors.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <c10/core/DispatchKeySet.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "native/torch/guards.h"

namespace snorkel_torch {

/// Where the memory below a tensor comes from.
enum class Origin {
  kBatch,       // an input of the step, another one each time
  kPersistent,  // a parameter or a buffer: read and written where it lies
  kConstant,    // made outside of the step, or from numbers of JavaScript: it must be the same in every step
  kComputed,    // made by a call of the record
};

struct RecordedStorage {
  Origin origin;
  size_t bytes;
  c10::Device device;
  /// Weak, so that its address stays its own while autograd may free and reuse the memory.
  c10::weak_intrusive_ptr<c10::StorageImpl> memory;
};

struct RecordedTensor {
  size_t storage;
  int64_t offset;  // for what lies in a field of the batch, from where the field begins
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
  at::ScalarType dtype;
  bool is_wrapped_number;
  /// How often it had been changed when it was first used.
  uint32_t version;
  /// The very tensor, unless it is computed: holding that would keep autograd from reusing its memory.
  at::Tensor held;
};

/// An argument or a result of a call.
struct RecordedValue {
  enum class Kind { kOther, kTensor, kTensors, kOptionalTensors } kind = Kind::kOther;
  c10::IValue other;                           // what is no tensor
  std::vector<std::optional<size_t>> tensors;  // by number
};

struct RecordedCall {
  c10::OperatorHandle op;
  /// What the operator was dispatched by, without the keys above the recorder's.
  c10::DispatchKeySet keys;
  /// The thread's dispatch keys and whether gradients were enabled: kernels ask for both.
  c10::impl::LocalDispatchKeySet local_keys;
  bool is_grad_enabled;
  /// Not a call, but a check of its arguments: null for a call.
  ArgumentGuard guard = nullptr;
  std::vector<RecordedValue> arguments;
  std::vector<RecordedValue> results;
};

/// A parameter and the gradient that the step left on it.
struct RecordedGradient {
  at::Tensor parameter;
  size_t gradient;
};

struct Record {
  std::vector<RecordedStorage> storages;
  std::vector<RecordedTensor> tensors;
  std::vector<RecordedCall> calls;
  std::vector<size_t> inputs;
  std::vector<size_t> outputs;
  std::vector<RecordedGradient> gradients;
  /// Why it cannot be replayed: "aten::nonzero has a result whose shape depends on values".
  std::optional<std::string> refusal;
};

/// Why two records of one signature are not the same program; nothing if they are.
std::optional<std::string> FindDifference(const Record& first, const Record& second);

/// How often the tensor, or one that it shares its memory with, was changed in place.
uint32_t VersionOf(const at::Tensor& tensor);

/// The name of a call's operator as users know it: "aten::mul.Tensor".
std::string NameOf(const RecordedCall& call);

/// Calls `visit` with the number of each tensor of some values.
template <typename Visit>
void ForEachTensor(const std::vector<RecordedValue>& values, Visit visit) {
  for (const RecordedValue& value : values) {
    for (const std::optional<size_t>& tensor : value.tensors) {
      if (tensor) visit(*tensor);
    }
  }
}

}  // namespace snorkel_torch
