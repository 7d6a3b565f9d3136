// Counts what JavaScript holds: live tensors, and the bytes of the distinct storages below them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <unordered_map>

#include "native/boundary/napi.h"

namespace snorkel_torch {

class LiveMemory {
 public:
  /// Names a storage; only compared, never followed.
  using StorageKey = const void*;

  explicit LiveMemory(napi_env env) : env_(env) {}

  /// Called when a JavaScript object takes hold of a tensor. The new bytes are reported to V8, so that its
  /// collector knows what its small handles weigh. Views share one storage, counted once.
  StorageKey Add(const at::Tensor& tensor);

  /// Called with what Add returned when the object lets go: the tensor may be on another storage by then.
  void Remove(StorageKey key);

  int64_t tensors() const { return tensors_; }
  int64_t bytes() const { return bytes_; }

 private:
  struct Storage {
    int64_t handles = 0;
    int64_t bytes = 0;
  };
  void Report(int64_t change);

  napi_env env_;
  std::unordered_map<StorageKey, Storage> storages_;
  int64_t tensors_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace snorkel_torch
