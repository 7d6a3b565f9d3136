#include "native/torch/script_module.h"

#include <caffe2/serialize/in_memory_adapter.h>
#include <caffe2/serialize/versions.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "native/boundary/convert.h"
#include "native/engine/recorder.h"
#include "native/torch/device.h"
#include "native/torch/script_rules.h"
#include "native/torch/script_values.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

using torch::jit::Module;

// A copy, so that the module outlives what the user's code does while arguments are read.
Module ReadModule(const Napi::Value& value) { return Unwrap<ScriptHandle>(value, "module").module; }

// LibTorch's executor profiles the first calls of a function and then compiles it anew for what it saw: the
// operators, and the last bits, would change from call to call. The simple executor runs the program as it
// is. Its choice is kept with each function; the switches for all functions (getExecutorMode,
// getProfilingMode) belong to the whole process, where another thread's guard could undo ours.
void ChooseSimpleExecutor(const Module& module) {
  for (torch::jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    torch::jit::toGraphFunction(*function)._set_initial_executor_execution_mode(
        torch::jit::ExecutorExecutionMode::SIMPLE);
  }
}

// scriptLoad(bytes, device): the module in the bytes of a TorchScript file, which were checked.
Napi::Value ScriptLoad(const Napi::CallbackInfo& info) {
  const auto device = ReadDevice(info[1], "device");
  if (!info[0].IsBuffer()) ThrowExpected("a Buffer", "bytes", info[0]);
  const auto bytes = info[0].As<Napi::Buffer<uint8_t>>();
  auto reader = std::make_shared<caffe2::serialize::MemoryReadAdapter>(bytes.Data(),
                                                                       static_cast<off_t>(bytes.Length()));
  const Module module = torch::jit::load(reader, device, /*load_debug_files=*/false);
  CheckScriptAttributes(module);
  CheckScriptOperators(module);
  ChooseSimpleExecutor(module);
  return WrapNew(info.Env(), std::make_unique<ScriptHandle>(ScriptHandle{module, WritesTensors(module)}));
}

// The distinct modules below one, itself first, and their places; numbers for their distinct tensors.
struct Modules {
  bool write;
  std::vector<Module> list;
  std::map<const void*, uint32_t> places;
  std::map<const void*, uint32_t> tensors;

  uint32_t Number(const at::Tensor& tensor) {
    return tensors.emplace(tensor.unsafeGetTensorImpl(), static_cast<uint32_t>(tensors.size())).first->second;
  }
  uint32_t Add(const Module& module) {
    const auto [found, is_new] = places.emplace(module._ivalue().get(), static_cast<uint32_t>(list.size()));
    if (is_new) list.push_back(module);
    return found->second;
  }
};

Napi::Array MakeStrings(Napi::Env env, const std::vector<std::string>& strings) {
  Napi::Array array = Napi::Array::New(env, strings.size());
  for (uint32_t i = 0; i < strings.size(); i++) array.Set(i, strings[i]);
  return array;
}

// [name, number]
Napi::Array MakePair(Napi::Env env, const std::string& name, uint32_t number) {
  Napi::Array pair = Napi::Array::New(env, 2);
  pair.Set(0u, name);
  pair.Set(1u, number);
  return pair;
}

Napi::Object Describe(Napi::Env env, const Module& module, Modules& modules) {
  const auto type = module.type();
  Napi::Array parameters = Napi::Array::New(env), buffers = Napi::Array::New(env),
              children = Napi::Array::New(env);
  for (size_t slot = 0; slot < type->numAttributes(); slot++) {
    const std::string name = type->getAttributeName(slot);
    const c10::IValue value = module._ivalue()->getSlot(slot);
    const bool is_buffer = type->is_buffer(slot);
    if (value.isTensor() && (is_buffer || type->is_parameter(slot))) {
      Napi::Array& list = is_buffer ? buffers : parameters;
      list.Set(list.Length(), MakePair(env, name, modules.Number(value.toTensor())));
    } else if (type->getAttribute(slot)->is_module()) {
      children.Set(children.Length(), MakePair(env, name, modules.Add(Module(value.toObject()))));
    }
  }
  std::vector<std::string> methods;
  for (const auto* method : type->methods()) methods.push_back(method->name());
  const auto training = type->findAttributeSlot("training");
  const c10::IValue mode = training ? module._ivalue()->getSlot(*training) : c10::IValue();
  Napi::Object result = Napi::Object::New(env);
  result.Set("module", WrapNew(env, std::make_unique<ScriptHandle>(ScriptHandle{module, modules.write})));
  result.Set("originalName", type->name()->name());
  result.Set("training", mode.isBool() ? Napi::Value(Napi::Boolean::New(env, mode.toBool())) : env.Null());
  result.Set("parameters", parameters);
  result.Set("buffers", buffers);
  result.Set("methods", MakeStrings(env, methods));
  result.Set("children", children);
  return result;
}

// scriptModules(module): { module, originalName, training, parameters, buffers, methods, children } of it and
// all below it, each once; children are [name, place in the list], tensors [name, number], one number for
// each.
Napi::Value ScriptModules(const Napi::CallbackInfo& info) {
  const ScriptHandle& root = Unwrap<ScriptHandle>(info[0], "module");
  Modules modules{root.writes, {}, {}, {}};
  modules.Add(root.module);
  Napi::Array result = Napi::Array::New(info.Env());
  for (uint32_t i = 0; i < modules.list.size(); i++) {
    const Module module = modules.list[i];
    result.Set(i, Describe(info.Env(), module, modules));
  }
  return result;
}

// What the code may write into: its arguments, and all that the module holds.
void CheckScriptWritable(Napi::Env env, const Module& module, const std::vector<c10::IValue>& arguments) {
  const auto check = [&](const c10::IValue& inner) {
    if (inner.isTensor()) CheckWritable(env, inner.toTensor());
    return false;
  };
  for (const c10::IValue& argument : arguments) argument.visit(check);
  for (const at::Tensor& tensor : module.parameters()) CheckWritable(env, tensor);
  for (const at::Tensor& tensor : module.buffers()) CheckWritable(env, tensor);
}

// scriptCall(module, method, arguments)
Napi::Value ScriptCall(const Napi::CallbackInfo& info) {
  const auto [module, writes] = Unwrap<ScriptHandle>(info[0], "module");  // a copy, as above
  const auto method = module.find_method(ReadString(info[1], "method"));
  if (!method) ThrowExpected("a method of the module", "method", info[1]);
  auto arguments = ReadScriptArguments(method->function().getSchema(), info[2]);
  if (writes) CheckScriptWritable(info.Env(), module, arguments);
  if (Recorder::Active() != nullptr && MakesListsOfValues(module))
    Recorder::NoteEffect("TorchScript makes a list of the values of a tensor");
  // Of this thread alone. Without it a function's calls of others would be inlined and rewritten first.
  const torch::jit::GraphOptimizerEnabledGuard guard(false);
  return MakeScriptValue(info.Env(), (*method)(std::move(arguments)));
}

size_t TensorSlot(const Module& module, const std::string& name) {
  const auto slot = module.type()->findAttributeSlot(name);
  if (slot && module._ivalue()->getSlot(*slot).isTensor()) return *slot;
  throw std::invalid_argument("expected a tensor of the module for name, got \"" + name + "\"");
}

// scriptTensor(module, name, held): the tensor that the module uses now; `held` itself if it is that one.
// Code may assign another, as BatchNorm of older files does.
Napi::Value ScriptTensor(const Napi::CallbackInfo& info) {
  const Module module = ReadModule(info[0]);
  const at::Tensor tensor =
      module._ivalue()->getSlot(TensorSlot(module, ReadString(info[1], "name"))).toTensor();
  const TensorHandle* held = Find<TensorHandle>(info[2]);
  return held && held->tensor().is_same(tensor) ? info[2] : MakeTensor(info.Env(), tensor);
}

// scriptSetTraining(module, mode): of this module alone.
Napi::Value ScriptSetTraining(const Napi::CallbackInfo& info) {
  const Module module = ReadModule(info[0]);
  const bool mode = ReadBoolean(info[1], "mode");
  const auto slot = module.type()->findAttributeSlot("training");
  if (slot && module._ivalue()->getSlot(*slot).isBool()) module._ivalue()->setSlot(*slot, mode);
  return info.Env().Undefined();
}

// scriptFormatVersions(): [first, last] version of the file format that this LibTorch reads.
Napi::Value ScriptFormatVersions(const Napi::CallbackInfo& info) {
  constexpr int64_t versions[] = {caffe2::serialize::kMinSupportedFileFormatVersion,
                                  caffe2::serialize::kMaxSupportedFileFormatVersion};
  return MakeIntegers(info.Env(), versions, 2);
}

constexpr Entry kEntries[] = {
    {"scriptLoad", ScriptLoad, "torch.jit.load"},
    {"scriptModules", ScriptModules, "ScriptModule"},
    {"scriptCall", ScriptCall, "ScriptModule"},
    {"scriptTensor", ScriptTensor, "ScriptModule"},
    {"scriptSetTraining", ScriptSetTraining, "ScriptModule"},
    {"scriptFormatVersions", ScriptFormatVersions},
};

}  // namespace

void InitScriptModule(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
