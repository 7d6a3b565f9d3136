#include "native/torch/tensor.h"

#include "native/engine/recorder.h"
#include "native/torch/dtype.h"

namespace snorkel_torch {
namespace {

// setTensorClass(constructor): the class of which native code makes instances.
Napi::Value SetTensorClass(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) ThrowExpected("a class", "constructor", info[0]);
  Environment::Of(info.Env()).tensor_class = Napi::Persistent(info[0].As<Napi::Function>());
  return info.Env().Undefined();
}

void Hold(const Napi::Value& instance, const at::Tensor& tensor) {
  if (!instance.IsObject() || IsTensor(instance)) ThrowExpected("a fresh object", "instance", instance);
  Wrap(instance.As<Napi::Object>(), std::make_unique<TensorHandle>(Environment::Of(instance.Env()), tensor));
}

// tensorAdopt(instance, tensor): makes a new instance of a subclass hold the tensor's detached alias.
Napi::Value TensorAdopt(const Napi::CallbackInfo& info) {
  Hold(info[0], ReadTensor(info[1], "tensor").detach());
  return info.Env().Undefined();
}

// tensorShare(instance, tensor): makes it hold the very tensor.
Napi::Value TensorShare(const Napi::CallbackInfo& info) {
  Hold(info[0], ReadTensor(info[1], "tensor"));
  return info.Env().Undefined();
}

Napi::Value TensorShape(const Napi::CallbackInfo& info) {
  // A copy: code of the user's can change the tensor while an array is filled.
  const std::vector<int64_t> sizes = ReadTensor(info[0], "tensor").sizes().vec();
  return MakeIntegers(info.Env(), sizes.data(), sizes.size());
}

Napi::Value TensorStrides(const Napi::CallbackInfo& info) {
  const std::vector<int64_t> strides = ReadTensor(info[0], "tensor").strides().vec();
  return MakeIntegers(info.Env(), strides.data(), strides.size());
}

Napi::Value TensorDtype(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), DtypeName(ReadTensor(info[0], "tensor").scalar_type()));
}

Napi::Value TensorDeviceName(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), ReadTensor(info[0], "tensor").device().str());
}

Napi::Value TensorDispose(const Napi::CallbackInfo& info) {
  if (const TensorHandle* handle = Find<TensorHandle>(info[0])) CheckFree(info.Env(), handle->tensor());
  Dispose<TensorHandle>(info[0]);
  return info.Env().Undefined();
}

Napi::Value TensorIsDisposed(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), Find<TensorHandle>(info[0]) == nullptr);
}

// True where two tensors are one: the same TensorImpl, held by two objects.
Napi::Value TensorIsSame(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ReadTensor(info[0], "tensor").is_same(ReadTensor(info[1], "other")));
}

// tensorStorage(tensor): { id, bytes, offset } of the storage below it, or null where there is none. The id
// tells it from every other storage that is alive.
Napi::Value TensorStorage(const Napi::CallbackInfo& info) {
  const at::Tensor tensor = ReadTensor(info[0], "tensor");
  if (!tensor.has_storage()) return info.Env().Null();
  Napi::Object result = Napi::Object::New(info.Env());
  const auto id = reinterpret_cast<uintptr_t>(tensor.storage().unsafeGetStorageImpl());
  result.Set("id", Napi::BigInt::New(info.Env(), static_cast<uint64_t>(id)));
  result.Set("bytes", MakeInteger(info.Env(), static_cast<int64_t>(tensor.storage().nbytes())));
  result.Set("offset", MakeInteger(info.Env(), tensor.storage_offset()));
  return result;
}

// tensorSetData(tensor, data): PyTorch's `tensor.data = data`.
Napi::Value TensorSetData(const Napi::CallbackInfo& info) {
  const at::Tensor data = ReadTensor(info[1], "data");
  CheckFree(info.Env(), ReadTensor(info[0], "tensor"));
  Recorder::NoteEffect("the data of a tensor is set");
  Unwrap<TensorHandle>(info[0], "tensor").SetData(data);
  return info.Env().Undefined();
}

// memory(): { tensors, bytes } that this environment's JavaScript objects hold.
Napi::Value Memory(const Napi::CallbackInfo& info) {
  const LiveMemory& memory = Environment::Of(info.Env()).memory;
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("tensors", MakeInteger(info.Env(), memory.tensors()));
  result.Set("bytes", MakeInteger(info.Env(), memory.bytes()));
  return result;
}

void CheckKey(Napi::Env env, InUse::Key key) {
  if (!Environment::Of(env).in_use.Holds(key)) return;
  throw std::invalid_argument(
      "expected a tensor that no training uses, got one in use. Wait for fit or predict to end");
}

constexpr Entry kEntries[] = {
    {"setTensorClass", SetTensorClass},
    {"tensorAdopt", TensorAdopt},
    {"tensorShare", TensorShare},
    {"tensorShape", TensorShape, "Tensor.shape"},
    {"tensorStrides", TensorStrides, "Tensor.stride"},
    {"tensorDtype", TensorDtype, "Tensor.dtype"},
    {"tensorDevice", TensorDeviceName, "Tensor.device"},
    {"tensorDispose", TensorDispose, "Tensor.dispose"},
    {"tensorIsDisposed", TensorIsDisposed, "Tensor.isDisposed"},
    {"tensorIsSame", TensorIsSame, "Tensor.isSame"},
    {"tensorStorage", TensorStorage},
    {"tensorSetData", TensorSetData, "Tensor.data"},
    {"memory", Memory, "torch.memory"},
};

}  // namespace

void TensorHandle::SetData(const at::Tensor& data) {
  tensor_.set_data(data);
  environment_.memory.Remove(storage_);
  storage_ = environment_.memory.Add(tensor_);
}

bool IsTensor(const Napi::Value& value) { return Is<TensorHandle>(value); }

at::Tensor ReadTensor(const Napi::Value& value, const Name& name) {
  return Unwrap<TensorHandle>(value, name).tensor();
}

std::vector<at::Tensor> ReadTensors(const Napi::Value& value, const Name& name) {
  const Napi::Array array = ReadArray(value, name);
  const uint32_t length = array.Length();
  std::vector<at::Tensor> tensors;
  for (uint32_t i = 0; i < length; i++) tensors.push_back(ReadTensor(array.Get(i), name.Element(i)));
  return tensors;
}

void CheckWritable(Napi::Env env, const at::Tensor& tensor) {
  if (tensor.defined() && tensor.has_storage()) CheckKey(env, tensor.storage().unsafeGetStorageImpl());
}

void CheckFree(Napi::Env env, const at::Tensor& tensor) { CheckKey(env, tensor.unsafeGetTensorImpl()); }

Napi::Value MakeTensor(Napi::Env env, at::Tensor tensor) {
  if (!tensor.defined()) return env.Null();
  Environment& environment = Environment::Of(env);
  Napi::Object instance = environment.tensor_class.New({});
  Wrap(instance, std::make_unique<TensorHandle>(environment, std::move(tensor)));
  return instance;
}

Napi::Array MakeTensors(Napi::Env env, const std::vector<at::Tensor>& tensors) {
  Napi::Array array = Napi::Array::New(env, tensors.size());
  for (size_t i = 0; i < tensors.size(); i++)
    array.Set(static_cast<uint32_t>(i), MakeTensor(env, tensors[i]));
  return array;
}

void InitTensor(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
