#include "native/torch/optim/optimizer_handle.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <unordered_set>

#include "native/boundary/convert.h"
#include "native/torch/optim/adam_rule.h"
#include "native/torch/optim/adamax_rule.h"
#include "native/torch/optim/sgd_rule.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

constexpr const char* kStepName = "step";

// True if both lie in memory in the same order, without gaps. The stride of a dimension of size 1 says
// nothing.
bool LieAlike(const at::Tensor& a, const at::Tensor& b) {
  if (a.is_contiguous() && b.is_contiguous()) return true;
  if (!a.is_non_overlapping_and_dense()) return false;
  for (int64_t dim = 0; dim < a.dim(); dim++) {
    if (a.size(dim) != 1 && a.stride(dim) != b.stride(dim)) return false;
  }
  return true;
}

std::string Kind(const at::Tensor& tensor) {
  return c10::str(tensor.sizes(), " ", tensor.scalar_type(), " ", tensor.device());
}

Bucket& BucketFor(std::vector<Bucket>& buckets, const at::Tensor& parameter, bool is_first, bool is_aligned,
                  size_t columns) {
  for (Bucket& bucket : buckets) {
    const at::Tensor& like = bucket.parameters.front();
    if (bucket.is_first == is_first && bucket.is_aligned == is_aligned &&
        like.device() == parameter.device() && like.scalar_type() == parameter.scalar_type()) {
      return bucket;
    }
  }
  return buckets.emplace_back(
      Bucket{is_first, is_aligned, {}, {}, {}, std::vector<std::vector<at::Tensor>>(columns)});
}

std::unique_ptr<Rule> ReadRule(const Napi::Value& kind_value, const Napi::Value& options_value) {
  const std::string kind = ReadString(kind_value, "kind");
  if (!options_value.IsObject()) ThrowExpected("an object", "options", options_value);
  const Napi::Object options = options_value.As<Napi::Object>();
  const auto number = [&](const char* name) { return ReadNumber(options.Get(name), name); };
  const auto flag = [&](const char* name) { return ReadBoolean(options.Get(name), name); };
  if (kind == "sgd") {
    return MakeSgd(
        {number("momentum"), number("dampening"), number("weightDecay"), flag("nesterov"), flag("maximize")});
  }
  if (kind != "adam" && kind != "adamw" && kind != "adamax")
    ThrowExpected("a kind of optimizer", "kind", kind_value);
  const std::vector<double> betas = ReadNumbers(options.Get("betas"), "betas");
  if (betas.size() != 2) ThrowExpected("two numbers", "betas", options.Get("betas"));
  if (kind == "adamax")
    return MakeAdamax({betas[0], betas[1], number("eps"), number("weightDecay"), flag("maximize")});
  return MakeAdam({betas[0], betas[1], number("eps"), number("weightDecay"), flag("amsgrad"),
                   flag("maximize"), kind == "adamw"});
}

// optimizerInit(instance, kind, parameters, options, isFused): makes a new instance of a subclass hold an
// optimizer.
Napi::Value OptimizerInit(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject() || Is<Optimizer>(info[0])) ThrowExpected("a fresh object", "instance", info[0]);
  auto rule = ReadRule(info[1], info[3]);
  auto parameters = ReadTensors(info[2], "parameters");
  const auto implementation =
      ReadBoolean(info[4], "isFused") ? Implementation::kFused : Implementation::kForeach;
  Wrap(info[0].As<Napi::Object>(),
       std::make_unique<Optimizer>(std::move(parameters), std::move(rule), implementation));
  return info.Env().Undefined();
}

// optimizerStep(optimizer, rate): one update from the gradients as they are.
Napi::Value OptimizerStep(const Napi::CallbackInfo& info) {
  const double rate = ReadNumber(info[1], "rate");
  Optimizer& optimizer = Unwrap<Optimizer>(info[0], "optimizer");
  optimizer.Update(optimizer.Collect(), rate);
  return info.Env().Undefined();
}

Napi::Value OptimizerZeroGrad(const Napi::CallbackInfo& info) {
  Unwrap<Optimizer>(info[0], "optimizer").ClearGradients();
  return info.Env().Undefined();
}

// optimizerState(optimizer): for each parameter its tensors by PyTorch's names, or null before its first
// gradient.
Napi::Value OptimizerState(const Napi::CallbackInfo& info) {
  const std::vector<Optimizer::State> states = Unwrap<Optimizer>(info[0], "optimizer").States();
  Napi::Array array = Napi::Array::New(info.Env(), states.size());
  for (uint32_t i = 0; i < states.size(); i++) {
    Napi::Object object = Napi::Object::New(info.Env());
    for (const auto& [name, tensor] : states[i]) object.Set(name, MakeTensor(info.Env(), tensor));
    array.Set(i, states[i].empty() ? info.Env().Null() : object);
  }
  return array;
}

// optimizerLoadState(optimizer, kind, options, states): the inverse, under new options. Checked as a whole
// before anything is replaced.
Napi::Value OptimizerLoadState(const Napi::CallbackInfo& info) {
  auto rule = ReadRule(info[1], info[2]);
  Napi::Array array = ReadArray(info[3], "states");
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
  Unwrap<Optimizer>(info[0], "optimizer").LoadState(std::move(rule), states);
  return info.Env().Undefined();
}

Napi::Value OptimizerDispose(const Napi::CallbackInfo& info) {
  Dispose<Optimizer>(info[0]);
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {
    {"optimizerInit", OptimizerInit, "Optimizer"},
    {"optimizerStep", OptimizerStep, "Optimizer.step"},
    {"optimizerZeroGrad", OptimizerZeroGrad, "Optimizer.zeroGrad"},
    {"optimizerState", OptimizerState, "Optimizer.stateDict"},
    {"optimizerLoadState", OptimizerLoadState, "Optimizer.loadStateDict"},
    {"optimizerDispose", OptimizerDispose, "Optimizer.dispose"},
};

}  // namespace

Optimizer::Optimizer(std::vector<at::Tensor> parameters, std::unique_ptr<Rule> rule,
                     Implementation implementation)
    : parameters_(std::move(parameters)),
      rule_(std::move(rule)),
      implementation_(implementation),
      states_(parameters_.size()) {
  if (parameters_.empty()) throw std::invalid_argument("expected at least one parameter, got none");
  std::unordered_set<const void*> seen;
  for (size_t i = 0; i < parameters_.size(); i++) {
    const at::Tensor& parameter = parameters_[i];
    const std::string name = "parameters[" + std::to_string(i) + "]";
    if (!parameter.is_leaf()) {
      throw std::invalid_argument("expected a leaf tensor for " + name + ", got the result of an operation");
    }
    if (!parameter.is_floating_point() || parameter.layout() != c10::kStrided) {
      throw std::invalid_argument("expected a dense tensor of a floating dtype for " + name + ", got " +
                                  Kind(parameter));
    }
    if (!seen.insert(parameter.unsafeGetTensorImpl()).second) {
      throw std::invalid_argument("expected distinct parameters, got one for the second time as " + name);
    }
  }
}

void Optimizer::CheckTensor(size_t i, const std::string& what, const at::Tensor& tensor) const {
  const at::Tensor& parameter = parameters_[i];
  if (tensor.layout() == c10::kStrided && tensor.sizes() == parameter.sizes() &&
      tensor.scalar_type() == parameter.scalar_type() && tensor.device() == parameter.device()) {
    return;
  }
  if (tensor.layout() != c10::kStrided) {
    throw std::invalid_argument("expected a dense " + what + " for parameters[" + std::to_string(i) +
                                "], got a sparse one");
  }
  throw std::invalid_argument("expected " + what + " of parameters[" + std::to_string(i) +
                              "] to be like it (" + Kind(parameter) + "), got " + Kind(tensor) +
                              ". Make a new optimizer after changing or moving parameters");
}

std::vector<Bucket> Optimizer::Collect() const {
  const std::vector<std::string>& names = rule_->StateNames();
  std::vector<Bucket> buckets;
  for (size_t i = 0; i < parameters_.size(); i++) {
    const at::Tensor& parameter = parameters_[i];
    const at::Tensor& gradient = parameter.grad();
    if (!gradient.defined()) continue;
    CheckTensor(i, "gradient", gradient);
    const std::vector<at::Tensor>& state = states_[i];
    bool is_aligned = parameter.is_non_overlapping_and_dense() && LieAlike(parameter, gradient);
    for (size_t k = 0; k < state.size(); k++) {
      if (names[k] == kStepName) continue;
      CheckTensor(i, names[k], state[k]);
      is_aligned = is_aligned && LieAlike(parameter, state[k]);
    }
    const bool is_first = state.empty() && !names.empty();
    Bucket& bucket = BucketFor(buckets, parameter, is_first, is_aligned, names.size());
    bucket.indices.push_back(i);
    bucket.parameters.push_back(parameter);
    bucket.gradients.push_back(gradient);
    for (size_t k = 0; k < state.size(); k++) bucket.state[k].push_back(state[k]);
  }
  return buckets;
}

void Optimizer::Update(std::vector<Bucket> buckets, double rate) {
  const at::NoGradGuard no_grad;
  const std::vector<std::string>& names = rule_->StateNames();
  for (Bucket& bucket : buckets) {
    if (!bucket.is_first) continue;
    for (const size_t i : bucket.indices) {
      std::vector<at::Tensor> state;
      for (const std::string& name : names) state.push_back(MakeEntry(name, parameters_[i]));
      for (size_t k = 0; k < state.size(); k++) bucket.state[k].push_back(state[k]);
      states_[i] = std::move(state);
    }
  }
  for (Bucket& bucket : buckets) {
    if (implementation_ == Implementation::kFused && bucket.is_aligned) {
      rule_->UpdateFused(bucket, rate);
    } else {
      rule_->UpdateForeach(bucket, rate);
    }
  }
}

void Optimizer::ClearGradients() {
  for (const at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

std::vector<Optimizer::State> Optimizer::States() const {
  std::vector<State> states(states_.size());
  for (size_t i = 0; i < states.size(); i++) {
    for (size_t k = 0; k < states_[i].size(); k++)
      states[i].emplace_back(rule_->StateNames()[k], states_[i][k]);
  }
  return states;
}

void Optimizer::LoadState(std::unique_ptr<Rule> rule, const std::vector<State>& states) {
  const at::NoGradGuard no_grad;
  const std::vector<std::string>& names = rule->StateNames();
  if (states.size() != parameters_.size()) {
    throw std::invalid_argument("expected the state of " + std::to_string(parameters_.size()) +
                                " parameters, got " + std::to_string(states.size()));
  }
  std::vector<std::vector<at::Tensor>> loaded(states.size());
  for (size_t i = 0; i < states.size(); i++) {
    if (states[i].empty()) continue;
    for (const std::string& name : names) {
      const auto entry = std::find_if(states[i].begin(), states[i].end(),
                                      [&](const auto& candidate) { return candidate.first == name; });
      const std::string where = name + " of parameters[" + std::to_string(i) + "]";
      if (entry == states[i].end())
        throw std::invalid_argument("expected a tensor for " + where + ", got none");
      const at::Tensor made = MakeEntry(name, parameters_[i]);
      if (entry->second.sizes() != made.sizes()) {
        throw std::invalid_argument("expected the shape " + c10::str(made.sizes()) + " for " + where +
                                    ", got " + c10::str(entry->second.sizes()));
      }
      loaded[i].push_back(made.copy_(entry->second));
    }
  }
  rule_ = std::move(rule);
  states_ = std::move(loaded);
}

// The fused kernels read the step where the parameter is; PyTorch's own sequence reads it on the CPU.
at::Tensor Optimizer::MakeEntry(const std::string& name, const at::Tensor& parameter) const {
  if (name != kStepName) return at::zeros_like(parameter, {}, c10::MemoryFormat::Preserve);
  const bool is_fused = implementation_ == Implementation::kFused;
  return at::zeros(
      {}, at::TensorOptions(c10::kFloat).device(is_fused ? parameter.device() : c10::Device(c10::kCPU)));
}

void InitOptimizer(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
