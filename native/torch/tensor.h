// Tensors that JavaScript objects hold.
#pragma once

#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

#include "native/boundary/convert.h"
#include "native/boundary/environment.h"
#include "native/boundary/guard.h"
#include "native/boundary/handle.h"
#include "native/boundary/napi.h"

namespace snorkel_torch {

/// A tensor held by a JavaScript object, counted while it is held.
class TensorHandle {
 public:
  TensorHandle(Environment& environment, at::Tensor tensor)
      : environment_(environment), tensor_(std::move(tensor)), storage_(environment_.memory.Add(tensor_)) {}
  ~TensorHandle() { environment_.memory.Remove(storage_); }
  TensorHandle(const TensorHandle&) = delete;
  TensorHandle& operator=(const TensorHandle&) = delete;

  const at::Tensor& tensor() const { return tensor_; }

  /// PyTorch's `tensor.data = data`.
  void SetData(const at::Tensor& data);

 private:
  Environment& environment_;
  at::Tensor tensor_;
  LiveMemory::StorageKey storage_;
};

template <>
struct HandleType<TensorHandle> {
  static constexpr napi_type_tag tag = {0x5f1d2c6be0a84c11ULL, 0x9d5a3a7f4be27c01ULL};
  static constexpr const char* name = "Tensor";
};

/// The tensor of an instance of the TypeScript class Tensor. A copy, which keeps the tensor alive while it is
/// used.
at::Tensor ReadTensor(const Napi::Value& value, const Name& name);
std::vector<at::Tensor> ReadTensors(const Napi::Value& value, const Name& name);
bool IsTensor(const Napi::Value& value);

/// @throws std::invalid_argument if a thread works with the tensor's memory: nobody else may write it.
void CheckWritable(Napi::Env env, const at::Tensor& tensor);

/// @throws std::invalid_argument if a thread works with the very tensor: nobody else may change what it is.
void CheckFree(Napi::Env env, const at::Tensor& tensor);

/// A new instance of the TypeScript class that holds the tensor; null for an undefined one.
Napi::Value MakeTensor(Napi::Env env, at::Tensor tensor);
Napi::Array MakeTensors(Napi::Env env, const std::vector<at::Tensor>& tensors);

void InitTensor(Napi::Object exports);

}  // namespace snorkel_torch
