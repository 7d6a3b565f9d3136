#include "native/torch/optim/radam_rule.h"

#include <ATen/ATen.h>

#include <cmath>

#include "native/torch/optim/element_loop.h"

namespace snorkel_torch {
namespace {

enum Column { kStep, kExpAvg, kExpAvgSq };

class Radam final : public Rule {
 public:
  explicit Radam(const RadamOptions& options) : options_(options) {}

  const std::vector<StateEntry>& StateEntries() const override { return state_entries_; }

  void UpdateFused(Bucket& bucket, double rate) const override {
    const bool is_done = UpdateElements(bucket, [&]<typename T>(const Elements<T>& elements) {
      const Factors factors = Advance(bucket.state[kStep][elements.index()]);
      const bool is_rectified = factors.rectification > 0;
      const double size = rate / factors.correction1;
      const T sign = options_.maximize ? T(-1) : T(1);
      const T decay = options_.decoupled_weight_decay ? 0 : static_cast<T>(options_.weight_decay);
      const T shrink = static_cast<T>(Shrink(rate));
      const T weight1 = static_cast<T>(1 - options_.beta1);
      const T beta2 = static_cast<T>(options_.beta2);
      const T weight2 = static_cast<T>(1 - options_.beta2);
      const T eps = static_cast<T>(options_.eps);
      const T step_size =
          static_cast<T>(is_rectified ? size * factors.rectification * factors.correction2_root : size);
      T* const parameter = elements.parameter();
      const T* const gradient = elements.gradient();
      T* const exp_avg = elements.state(kExpAvg);
      T* const exp_avg_sq = elements.state(kExpAvgSq);
      elements.ForEach([=](int64_t i) {
        const T slope = sign * gradient[i] + decay * parameter[i];
        exp_avg[i] += weight1 * (slope - exp_avg[i]);
        exp_avg_sq[i] = beta2 * exp_avg_sq[i] + weight2 * slope * slope;
        const T change = is_rectified ? exp_avg[i] / (std::sqrt(exp_avg_sq[i]) + eps) : exp_avg[i];
        parameter[i] = shrink * parameter[i] - step_size * change;
      });
    });
    if (!is_done) UpdateForeach(bucket, rate);
  }

  // Python's own foreach sequence divides and multiplies in another order, which differs in the last bits.
  void UpdateForeach(Bucket& bucket, double rate) const override {
    std::vector<at::Tensor> gradients =
        options_.maximize ? at::_foreach_neg(bucket.gradients) : bucket.gradients;
    if (options_.weight_decay != 0) {
      if (options_.decoupled_weight_decay) {
        at::_foreach_mul_(bucket.parameters, Shrink(rate));
      } else {
        gradients = at::_foreach_add(gradients, bucket.parameters, options_.weight_decay);
      }
    }
    at::_foreach_lerp_(bucket.state[kExpAvg], gradients, 1 - options_.beta1);
    at::_foreach_mul_(bucket.state[kExpAvgSq], options_.beta2);
    at::_foreach_addcmul_(bucket.state[kExpAvgSq], gradients, gradients, 1 - options_.beta2);

    // Each parameter is rectified from its own step on.
    std::vector<at::Tensor> changes;
    for (size_t i = 0; i < bucket.parameters.size(); i++) {
      const Factors factors = Advance(bucket.state[kStep][i]);
      at::Tensor& change = changes.emplace_back(bucket.state[kExpAvg][i].div(factors.correction1).mul_(rate));
      if (factors.rectification == 0) continue;
      // Python's `number / tensor` is `tensor.reciprocal() * number`.
      const at::Tensor adaptive = bucket.state[kExpAvgSq][i].sqrt().add_(options_.eps).reciprocal_();
      change.mul_(adaptive.mul_(factors.correction2_root)).mul_(factors.rectification);
    }
    at::_foreach_add_(bucket.parameters, changes, -1);
  }

 private:
  struct Factors {
    double correction1, correction2_root;
    double rectification;  // 0 as long as there are too few steps to tell the variance
  };

  // Advances the step of a parameter.
  Factors Advance(const at::Tensor& counter) const {
    CountSteps(counter);
    const double step = ReadScalar(counter);
    const double power = std::pow(options_.beta2, step);
    const double correction2 = 1 - power;
    const double longest = 2 / (1 - options_.beta2) - 1;
    const double length = longest - 2 * step * power / correction2;
    const double rectification =
        length > 5
            ? std::pow((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length), 0.5)
            : 0;
    return {1 - std::pow(options_.beta1, step), std::pow(correction2, 0.5), rectification};
  }

  double Shrink(double rate) const {
    return options_.decoupled_weight_decay ? 1 - rate * options_.weight_decay : 1;
  }

  RadamOptions options_;
  std::vector<StateEntry> state_entries_{StepEntry(), {"exp_avg"}, {"exp_avg_sq"}};
};

}  // namespace

std::unique_ptr<Rule> MakeRadam(const RadamOptions& options) { return std::make_unique<Radam>(options); }

}  // namespace snorkel_torch
