#include "native/torch/optim/adam_rule.h"

#include <ATen/ATen.h>

#include <cmath>

namespace snorkel_torch {
namespace {

enum Column { kStep, kExpAvg, kExpAvgSq, kMaxExpAvgSq };

class Adam final : public Rule {
 public:
  explicit Adam(const AdamOptions& options) : options_(options) {
    state_entries_ = {StepEntry(), {"exp_avg"}, {"exp_avg_sq"}};
    if (options.amsgrad) state_entries_.push_back({"max_exp_avg_sq"});
  }

  const std::vector<StateEntry>& StateEntries() const override { return state_entries_; }

  bool KeepsScalarsWithParameters() const override { return true; }

  void UpdateFused(Bucket& bucket, double rate) const override {
    CountSteps(bucket.state[kStep]);
    CallFused(bucket, rate, bucket.grad_scale, std::nullopt);
  }

  bool HasFusedKernel(const Bucket&) const override { return true; }

  void UpdateOnDevice(Bucket& bucket, const DeviceUpdate& update) const override {
    at::_foreach_add_(bucket.state[kStep], update.is_good);
    CallFused(bucket, update.rates[bucket.group], OrNone(update.divisor), update.is_bad);
  }

  // Betas and bias corrections are doubles and std::pow is the C library's, as in Python.
  void UpdateForeach(Bucket& bucket, double rate) const override {
    const auto& [beta1, beta2, eps, weight_decay, amsgrad, maximize, decoupled] = options_;
    CountSteps(bucket.state[kStep]);
    std::vector<at::Tensor> gradients = maximize ? at::_foreach_neg(bucket.gradients) : bucket.gradients;
    if (weight_decay != 0) {
      if (decoupled) {
        at::_foreach_mul_(bucket.parameters, 1 - rate * weight_decay);
      } else {
        gradients = at::_foreach_add(gradients, bucket.parameters, weight_decay);
      }
    }
    at::_foreach_lerp_(bucket.state[kExpAvg], gradients, 1 - beta1);
    at::_foreach_mul_(bucket.state[kExpAvgSq], beta2);
    at::_foreach_addcmul_(bucket.state[kExpAvgSq], gradients, gradients, 1 - beta2);
    if (amsgrad) at::_foreach_maximum_(bucket.state[kMaxExpAvgSq], bucket.state[kExpAvgSq]);

    std::vector<at::Scalar> step_sizes, roots;
    for (const at::Tensor& tensor : bucket.state[kStep]) {
      const double step = ReadScalar(tensor);
      step_sizes.push_back((rate / (1 - std::pow(beta1, step))) * -1);
      roots.push_back(std::pow(1 - std::pow(beta2, step), 0.5));
    }
    const std::vector<at::Tensor> denominators =
        at::_foreach_sqrt(bucket.state[amsgrad ? kMaxExpAvgSq : kExpAvgSq]);
    at::_foreach_div_(denominators, roots);
    at::_foreach_add_(denominators, eps);
    at::_foreach_addcdiv_(bucket.parameters, bucket.state[kExpAvg], denominators, step_sizes);
  }

 private:
  template <typename Rate>
  void CallFused(Bucket& bucket, const Rate& rate, const std::optional<at::Tensor>& grad_scale,
                 const std::optional<at::Tensor>& found_inf) const {
    const auto update = [&](auto fused) {
      fused(bucket.parameters, bucket.gradients, bucket.state[kExpAvg], bucket.state[kExpAvgSq],
            options_.amsgrad ? at::TensorList(bucket.state[kMaxExpAvgSq]) : at::TensorList(),
            bucket.state[kStep], rate, options_.beta1, options_.beta2, options_.weight_decay, options_.eps,
            options_.amsgrad, options_.maximize, grad_scale, found_inf);
    };
    if (options_.decoupled_weight_decay) {
      update([](auto&&... arguments) { at::_fused_adamw_(arguments...); });
    } else {
      update([](auto&&... arguments) { at::_fused_adam_(arguments...); });
    }
  }

  AdamOptions options_;
  std::vector<StateEntry> state_entries_;
};

}  // namespace

std::unique_ptr<Rule> MakeAdam(const AdamOptions& options) { return std::make_unique<Adam>(options); }

}  // namespace snorkel_torch
