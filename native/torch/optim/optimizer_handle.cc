#include "native/torch/optim/optimizer_handle.h"

#include <memory>
#include <string>
#include <utility>

#include "native/boundary/convert.h"
#include "native/torch/optim/read_rule.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

// optimizerInit(instance, isFused, hasMasters): makes a new instance of a subclass hold an optimizer without
// parameters.
Napi::Value OptimizerInit(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject() || Is<Optimizer>(info[0])) ThrowExpected("a fresh object", "instance", info[0]);
  const OptimizerOptions options{ReadBoolean(info[1], "isFused"), ReadBoolean(info[2], "hasMasters")};
  Wrap(info[0].As<Napi::Object>(), std::make_unique<Optimizer>(options));
  return info.Env().Undefined();
}

// optimizerAddGroup(optimizer, kind, parameters, options)
Napi::Value OptimizerAddGroup(const Napi::CallbackInfo& info) {
  auto rule = ReadRule(info[1], info[3]);
  auto parameters = ReadTensors(info[2], "parameters");
  ReadOptimizer(info[0]).AddGroup(std::move(parameters), std::move(rule));
  return info.Env().Undefined();
}

// optimizerSetOptions(optimizer, kind, group, options): replaces the options of the group at that place.
Napi::Value OptimizerSetOptions(const Napi::CallbackInfo& info) {
  auto rule = ReadRule(info[1], info[3]);
  const int64_t group = ReadInteger(info[2], "group");
  ReadOptimizer(info[0]).SetRule(group, std::move(rule));
  return info.Env().Undefined();
}

// optimizerSetGradientOrder(optimizer, parameters)
Napi::Value OptimizerSetGradientOrder(const Napi::CallbackInfo& info) {
  const auto parameters = ReadTensors(info[1], "parameters");
  ReadOptimizer(info[0]).SetGradientOrder(parameters);
  return info.Env().Undefined();
}

// optimizerStep(optimizer, rates): one update from the gradients as they are.
Napi::Value OptimizerStep(const Napi::CallbackInfo& info) {
  const std::vector<double> rates = ReadRates(info[1]);
  Optimizer& optimizer = ReadOptimizer(info[0]);
  optimizer.CheckRates(rates);
  std::vector<Bucket> buckets = optimizer.Collect(optimizer.Gradients());
  optimizer.Update(buckets, rates);
  return info.Env().Undefined();
}

Napi::Value OptimizerZeroGrad(const Napi::CallbackInfo& info) {
  ReadOptimizer(info[0]).ClearGradients();
  return info.Env().Undefined();
}

// optimizerState(optimizer): for each parameter its tensors by PyTorch's names, or null where there are none.
Napi::Value OptimizerState(const Napi::CallbackInfo& info) {
  const std::vector<Optimizer::State> states = ReadOptimizer(info[0]).States();
  Napi::Array array = Napi::Array::New(info.Env(), states.size());
  for (uint32_t i = 0; i < states.size(); i++) {
    Napi::Object object = Napi::Object::New(info.Env());
    for (const auto& [name, tensor] : states[i]) object.Set(name, MakeTensor(info.Env(), tensor));
    array.Set(i, states[i].empty() ? info.Env().Null() : object);
  }
  return array;
}

// optimizerLoadState(optimizer, kind, options, states): the inverse, under new options of each group. Checked
// as a whole before anything is replaced.
Napi::Value OptimizerLoadState(const Napi::CallbackInfo& info) {
  std::vector<std::unique_ptr<Rule>> rules;
  const Napi::Array options = ReadArray(info[2], "options");
  for (uint32_t i = 0; i < options.Length(); i++) rules.push_back(ReadRule(info[1], options.Get(i)));
  const Napi::Array array = ReadArray(info[3], "states");
  std::vector<Optimizer::State> states(array.Length());
  for (uint32_t i = 0; i < states.size(); i++) {
    const Napi::Value value = array.Get(i);
    const std::string where = "states[" + std::to_string(i) + "]";
    if (value.IsNull()) continue;
    if (!value.IsObject()) ThrowExpected("an object or null", where, value);
    const Napi::Object object = value.As<Napi::Object>();
    for (const std::string& name : ReadStrings(object.GetPropertyNames(), where)) {
      states[i].emplace_back(name, ReadTensor(object.Get(name), where + "." + name));
    }
  }
  ReadOptimizer(info[0]).LoadState(std::move(rules), states);
  return info.Env().Undefined();
}

Napi::Value OptimizerDispose(const Napi::CallbackInfo& info) {
  if (Find<Optimizer>(info[0])) ReadOptimizer(info[0]);
  Dispose<Optimizer>(info[0]);
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {
    {"optimizerInit", OptimizerInit, "Optimizer"},
    {"optimizerAddGroup", OptimizerAddGroup, "Optimizer"},
    {"optimizerSetOptions", OptimizerSetOptions, "Optimizer.paramGroups"},
    {"optimizerSetGradientOrder", OptimizerSetGradientOrder, "Optimizer.setGradientOrder"},
    {"optimizerStep", OptimizerStep, "Optimizer.step"},
    {"optimizerZeroGrad", OptimizerZeroGrad, "Optimizer.zeroGrad"},
    {"optimizerState", OptimizerState, "Optimizer.stateDict"},
    {"optimizerLoadState", OptimizerLoadState, "Optimizer.loadStateDict"},
    {"optimizerDispose", OptimizerDispose, "Optimizer.dispose"},
};

}  // namespace

Optimizer& ReadOptimizer(const Napi::Value& value) {
  Optimizer& optimizer = Unwrap<Optimizer>(value, "optimizer");
  if (!Environment::Of(value.Env()).in_use.Holds(&optimizer)) return optimizer;
  throw std::invalid_argument(
      "expected an optimizer that no training uses, got one in use. Wait for fit to end");
}

std::vector<double> ReadRates(const Napi::Value& value) {
  if (value.IsNumber()) return {ReadNumber(value, "rate")};
  return ReadNumbers(value, "rate");
}

void InitOptimizer(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
