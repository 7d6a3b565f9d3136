#include "native/torch/optim/adamax_rule.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include <cmath>

namespace snorkel_torch {
namespace {

enum Column { kStep, kExpAvg, kExpInf };

// One pass over the memory of a parameter, in its own precision. ATen has no fused Adamax.
template <typename T>
void UpdateElements(const AdamaxOptions& options, double step_size, int64_t count, T* parameter,
                    const T* gradient, T* exp_avg, T* exp_inf) {
  const T sign = options.maximize ? T(-1) : T(1);
  const T decay = static_cast<T>(options.weight_decay);
  const T weight = static_cast<T>(1 - options.beta1);
  const T beta2 = static_cast<T>(options.beta2);
  const T eps = static_cast<T>(options.eps);
  const T size = static_cast<T>(step_size);
  at::parallel_for(0, count, at::internal::GRAIN_SIZE, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const T slope = sign * gradient[i] + decay * parameter[i];
      exp_avg[i] += weight * (slope - exp_avg[i]);
      const T decayed = exp_inf[i] * beta2;
      const T norm = std::abs(slope) + eps;
      exp_inf[i] = decayed > norm || decayed != decayed ? decayed : norm;  // NaN stays, as in torch.maximum
      parameter[i] -= size * exp_avg[i] / exp_inf[i];
    }
  });
}

class Adamax final : public Rule {
 public:
  explicit Adamax(const AdamaxOptions& options) : options_(options) {}

  const std::vector<std::string>& StateNames() const override { return state_names_; }

  void UpdateFused(Bucket& bucket, double rate) const override {
    const at::Tensor& first = bucket.parameters.front();
    const at::ScalarType dtype = first.scalar_type();
    if (!first.is_cpu() || (dtype != at::kFloat && dtype != at::kDouble)) return UpdateForeach(bucket, rate);
    CountSteps(bucket.state[kStep]);
    for (size_t i = 0; i < bucket.parameters.size(); i++) {
      const double step_size = rate / (1 - std::pow(options_.beta1, StepOf(bucket.state[kStep][i])));
      AT_DISPATCH_FLOATING_TYPES(dtype, "adamax", [&] {
        UpdateElements<scalar_t>(options_, step_size, bucket.parameters[i].numel(),
                                 bucket.parameters[i].mutable_data_ptr<scalar_t>(),
                                 bucket.gradients[i].const_data_ptr<scalar_t>(),
                                 bucket.state[kExpAvg][i].mutable_data_ptr<scalar_t>(),
                                 bucket.state[kExpInf][i].mutable_data_ptr<scalar_t>());
      });
    }
  }

  void UpdateForeach(Bucket& bucket, double rate) const override {
    const auto& [beta1, beta2, eps, weight_decay, maximize] = options_;
    CountSteps(bucket.state[kStep]);
    std::vector<at::Tensor> gradients = maximize ? at::_foreach_neg(bucket.gradients) : bucket.gradients;
    if (weight_decay != 0) gradients = at::_foreach_add(gradients, bucket.parameters, weight_decay);
    at::_foreach_lerp_(bucket.state[kExpAvg], gradients, 1 - beta1);
    at::_foreach_mul_(bucket.state[kExpInf], beta2);
    const std::vector<at::Tensor> norms = at::_foreach_abs(gradients);
    at::_foreach_add_(norms, eps);
    at::_foreach_maximum_(bucket.state[kExpInf], norms);
    std::vector<at::Scalar> step_sizes;
    for (const at::Tensor& step : bucket.state[kStep]) {
      step_sizes.push_back((rate / (1 - std::pow(beta1, StepOf(step)))) * -1);
    }
    at::_foreach_addcdiv_(bucket.parameters, bucket.state[kExpAvg], bucket.state[kExpInf], step_sizes);
  }

 private:
  AdamaxOptions options_;
  std::vector<std::string> state_names_{"step", "exp_avg", "exp_inf"};
};

}  // namespace

std::unique_ptr<Rule> MakeAdamax(const AdamaxOptions& options) { return std::make_unique<Adamax>(options); }

}  // namespace snorkel_torch
