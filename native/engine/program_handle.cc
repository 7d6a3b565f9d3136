#include "native/engine/program_handle.h"

#include <c10/core/DeviceGuard.h>

#include <utility>

#include "native/boundary/convert.h"
#include "native/boundary/environment.h"
#include "native/engine/recorder.h"
#include "native/torch/device.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

// recordStep(inputs, persistent, parameters, step): a record of what `step` does. It returns the tensors that
// it is run for; gradients are those that it leaves on the parameters.
Napi::Value RecordStep(const Napi::CallbackInfo& info) {
  const auto inputs = ReadTensors(info[0], "inputs");
  const auto persistent = ReadTensors(info[1], "persistent");
  const auto parameters = ReadTensors(info[2], "parameters");
  if (!info[3].IsFunction()) ThrowExpected("a function", "step", info[3]);
  Recorder recorder(inputs, persistent);
  for (const at::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) recorder.Refuse("a parameter has a gradient before the step");
  }
  std::vector<at::Tensor> outputs;
  recorder.Run(
      [&] { outputs = ReadTensors(info[3].As<Napi::Function>().Call({}), "what the step returns"); });
  return WrapNew(info.Env(), std::make_unique<Record>(recorder.Finish(outputs, parameters)));
}

// recordPart(name): which part of the step comes next, if one is being recorded.
Napi::Value RecordPart(const Napi::CallbackInfo& info) {
  Recorder::Enter(ReadString(info[0], "name"));
  return info.Env().Undefined();
}

// recordRefusal(record): why it cannot be replayed, or null.
Napi::Value RecordRefusal(const Napi::CallbackInfo& info) {
  const auto& refusal = Unwrap<Record>(info[0], "record").refusal;
  return refusal ? Napi::String::New(info.Env(), *refusal) : info.Env().Null();
}

Napi::Value RecordDispose(const Napi::CallbackInfo& info) {
  Dispose<Record>(info[0]);
  return info.Env().Undefined();
}

// A thread may be running another program in it.
void CheckFree(Napi::Env env, const std::shared_ptr<Arena>& arena) {
  if (!Environment::Of(env).in_use.Holds(arena.get())) return;
  throw std::invalid_argument(
      "expected an arena that no thread uses, got one in use. Wait for fit or predict to end");
}

// recordForgetsSaved(on): records from now on are wrong, which tests of programs must find.
Napi::Value RecordForgetsSaved(const Napi::CallbackInfo& info) {
  Recorder::ForgetSavedTensors(ReadBoolean(info[0], "on"));
  return info.Env().Undefined();
}

Napi::Value MakeArena(const Napi::CallbackInfo& info) {
  const c10::Device device = ReadDevice(info[0], "device");
  if (!device.is_cpu() && !device.is_cuda()) ThrowExpected("a device with memory", "device", info[0]);
  return WrapNew(info.Env(), std::make_unique<std::shared_ptr<Arena>>(std::make_shared<Arena>(device)));
}

// makeProgram(first, second, arena)
Napi::Value MakeProgram(const Napi::CallbackInfo& info) {
  const auto arena = Unwrap<std::shared_ptr<Arena>>(info[2], "arena");
  CheckFree(info.Env(), arena);
  const Record& first = Unwrap<Record>(info[0], "first");
  const Record& second = Unwrap<Record>(info[1], "second");
  auto program = std::make_shared<Program>(first, second, arena);
  return WrapNew(info.Env(), std::make_unique<std::shared_ptr<Program>>(std::move(program)));
}

std::shared_ptr<Program> ReadProgram(const Napi::Value& value) {
  return Unwrap<std::shared_ptr<Program>>(value, "program");
}

Napi::Value ProgramIsRandom(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ReadProgram(info[0])->is_random());
}

Napi::Value ProgramToString(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), ReadProgram(info[0])->ToString());
}

// programRun(program, inputs): { outputs, gradients }, copies, on this thread. For tests.
Napi::Value ProgramRun(const Napi::CallbackInfo& info) {
  const at::NoGradGuard no_grad;
  const auto inputs = ReadTensors(info[1], "inputs");
  const auto program = ReadProgram(info[0]);
  CheckFree(info.Env(), program->arena());
  const c10::DeviceGuard on_device(program->arena()->device());
  FillInputs(*program, inputs);
  program->Run();
  std::vector<at::Tensor> outputs, gradients;
  for (const at::Tensor& output : program->outputs()) outputs.push_back(output.clone());
  for (const auto& [parameter, gradient] : program->gradients()) gradients.push_back(gradient.clone());
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("outputs", MakeTensors(info.Env(), outputs));
  result.Set("gradients", MakeTensors(info.Env(), gradients));
  return result;
}

Napi::Value ProgramDispose(const Napi::CallbackInfo& info) {
  Dispose<std::shared_ptr<Program>>(info[0]);
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {
    {"recordStep", RecordStep, "record"},
    {"recordPart", RecordPart},
    {"recordRefusal", RecordRefusal},
    {"recordDispose", RecordDispose},
    {"recordForgetsSaved", RecordForgetsSaved},
    {"makeArena", MakeArena},
    {"makeProgram", MakeProgram},
    {"programIsRandom", ProgramIsRandom},
    {"programToString", ProgramToString},
    {"programRun", ProgramRun},
    {"programDispose", ProgramDispose},
};

}  // namespace

void FillInputs(Program& program, const std::vector<at::Tensor>& values) {
  const std::vector<at::Tensor>& inputs = program.inputs();
  if (values.size() != inputs.size()) {
    throw std::invalid_argument(
        c10::str("expected ", inputs.size(), " tensors for inputs, got ", values.size()));
  }
  for (size_t i = 0; i < inputs.size(); i++) {
    if (values[i].sizes() != inputs[i].sizes() || values[i].scalar_type() != inputs[i].scalar_type()) {
      throw std::invalid_argument(c10::str("expected ", inputs[i].scalar_type(), " ", inputs[i].sizes(),
                                           " for inputs[", i, "], got ", values[i].scalar_type(), " ",
                                           values[i].sizes()));
    }
  }
  for (size_t i = 0; i < inputs.size(); i++) inputs[i].copy_(values[i], /*non_blocking=*/true);
}

void InitProgram(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
