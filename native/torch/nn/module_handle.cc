#include "native/torch/nn/module_handle.h"

#include "native/boundary/convert.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

// moduleInit(instance, kind, options): makes the object carry a new module of LibTorch.
Napi::Value ModuleInit(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject() || Is<ModuleHandle>(info[0])) ThrowExpected("a fresh object", "instance", info[0]);
  const std::string kind = ReadString(info[1], "kind");
  if (!info[2].IsObject()) ThrowExpected("an object", "options", info[2]);
  return Guard(info.Env(), kind, [&] {
    ModuleHandle handle{kind, MakeModule(kind, ModuleOptions(info[2].As<Napi::Object>()))};
    Wrap(info[0].As<Napi::Object>(), std::make_unique<ModuleHandle>(std::move(handle)));
    return info.Env().Undefined();
  });
}

// moduleForward(instance, inputs, training): what comes out, as the object that went in where it is the very
// same tensor (in place, or nothing to do).
Napi::Value ModuleForward(const Napi::CallbackInfo& info) {
  const ModuleHandle& handle = Unwrap<ModuleHandle>(info[0], "instance");
  return Guard(info.Env(), handle.kind, [&] {
    const NativeModule& native = handle.native;
    const std::vector<at::Tensor> inputs = ReadTensors(info[1], "inputs");
    if (inputs.size() != native.inputs) {
      throw std::invalid_argument("expected " + std::to_string(native.inputs) + " inputs, got " +
                                  std::to_string(inputs.size()));
    }
    const bool training = ReadBoolean(info[2], "training");
    if (native.module->is_training() != training) native.module->train(training);
    const at::Tensor output = native.forward(inputs);
    for (uint32_t i = 0; i < inputs.size(); i++) {
      if (inputs[i].is_same(output)) return info[1].As<Napi::Array>().Get(i);
    }
    return MakeTensor(info.Env(), output);
  });
}

// moduleTensors(instance): { name, isBuffer, tensor | null } for each parameter and buffer.
Napi::Value ModuleTensors(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const NativeModule& native = Unwrap<ModuleHandle>(info[0], "instance").native;
  Napi::Array result = Napi::Array::New(env, native.slots.size());
  for (uint32_t i = 0; i < native.slots.size(); i++) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", native.slots[i].name);
    entry.Set("isBuffer", native.slots[i].is_buffer);
    entry.Set("tensor", MakeTensor(env, *native.slots[i].tensor));
    result.Set(i, entry);
  }
  return result;
}

// moduleSetTensor(instance, name, tensor | null): makes the module use that very tensor.
Napi::Value ModuleSetTensor(const Napi::CallbackInfo& info) {
  const NativeModule& native = Unwrap<ModuleHandle>(info[0], "instance").native;
  const std::string name = ReadString(info[1], "name");
  for (const TensorSlot& slot : native.slots) {
    if (name != slot.name) continue;
    if (slot.tensor->defined()) CheckFree(info.Env(), *slot.tensor);
    *slot.tensor = info[2].IsNull() ? at::Tensor() : ReadTensor(info[2], name);
    return info.Env().Undefined();
  }
  throw std::invalid_argument("expected a parameter or buffer of the module for name, got \"" + name + "\"");
}

constexpr Entry kEntries[] = {
    {"moduleInit", ModuleInit},
    {"moduleForward", ModuleForward},
    {"moduleTensors", ModuleTensors},
    {"moduleSetTensor", ModuleSetTensor},
};

}  // namespace

void InitModule(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
