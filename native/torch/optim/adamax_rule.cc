#include "native/torch/optim/adamax_rule.h"

#include <ATen/ATen.h>

#include <cmath>

#include "native/torch/optim/element_loop.h"

namespace snorkel_torch {
namespace {

enum Column { kStep, kExpAvg, kExpInf };

class Adamax final : public Rule {
 public:
  explicit Adamax(const AdamaxOptions& options) : options_(options) {}

  const std::vector<StateEntry>& StateEntries() const override { return state_entries_; }

  void UpdateFused(Bucket& bucket, double rate) const override {
    const bool is_done = UpdateElements(bucket, [&]<typename T>(const Elements<T>& elements) {
      const at::Tensor& step = bucket.state[kStep][elements.index()];
      CountSteps(step);
      const T sign = options_.maximize ? T(-1) : T(1);
      const T decay = static_cast<T>(options_.weight_decay);
      const T weight = static_cast<T>(1 - options_.beta1);
      const T beta2 = static_cast<T>(options_.beta2);
      const T eps = static_cast<T>(options_.eps);
      const T size = static_cast<T>(rate / (1 - std::pow(options_.beta1, ReadScalar(step))));
      T* const parameter = elements.parameter();
      const T* const gradient = elements.gradient();
      T* const exp_avg = elements.state(kExpAvg);
      T* const exp_inf = elements.state(kExpInf);
      elements.ForEach([=](int64_t i) {
        const T slope = sign * gradient[i] + decay * parameter[i];
        exp_avg[i] += weight * (slope - exp_avg[i]);
        const T decayed = exp_inf[i] * beta2;
        const T norm = std::abs(slope) + eps;
        exp_inf[i] = decayed > norm || decayed != decayed ? decayed : norm;  // NaN stays, as in torch.maximum
        parameter[i] -= size * exp_avg[i] / exp_inf[i];
      });
    });
    if (!is_done) UpdateForeach(bucket, rate);
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
      step_sizes.push_back((rate / (1 - std::pow(beta1, ReadScalar(step)))) * -1);
    }
    at::_foreach_addcdiv_(bucket.parameters, bucket.state[kExpAvg], bucket.state[kExpInf], step_sizes);
  }

 private:
  AdamaxOptions options_;
  std::vector<StateEntry> state_entries_{StepEntry(), {"exp_avg"}, {"exp_inf"}};
};

}  // namespace

std::unique_ptr<Rule> MakeAdamax(const AdamaxOptions& options) { return std::make_unique<Adamax>(options); }

}  // namespace snorkel_torch
