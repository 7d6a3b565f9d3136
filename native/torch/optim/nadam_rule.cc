#include "native/torch/optim/nadam_rule.h"

#include <ATen/ATen.h>

#include <cmath>

#include "native/torch/optim/element_loop.h"

namespace snorkel_torch {
namespace {

enum Column { kStep, kMuProduct, kExpAvg, kExpAvgSq };

class Nadam final : public Rule {
 public:
  explicit Nadam(const NadamOptions& options) : options_(options) {}

  const std::vector<StateEntry>& StateEntries() const override { return state_entries_; }

  void UpdateFused(Bucket& bucket, double rate) const override {
    const bool is_done = UpdateElements(bucket, [&]<typename T>(const Elements<T>& elements) {
      const Factors factors = Advance(bucket, elements.index(), rate);
      const T sign = options_.maximize ? T(-1) : T(1);
      const T decay = options_.decoupled_weight_decay ? 0 : static_cast<T>(options_.weight_decay);
      const T shrink = static_cast<T>(Shrink(rate));
      const T weight1 = static_cast<T>(1 - options_.beta1);
      const T beta2 = static_cast<T>(options_.beta2);
      const T weight2 = static_cast<T>(1 - options_.beta2);
      const T eps = static_cast<T>(options_.eps);
      const T correction = static_cast<T>(factors.correction);
      const T of_gradient = static_cast<T>(factors.of_gradient);
      const T of_average = static_cast<T>(factors.of_average);
      T* const parameter = elements.parameter();
      const T* const gradient = elements.gradient();
      T* const exp_avg = elements.state(kExpAvg);
      T* const exp_avg_sq = elements.state(kExpAvgSq);
      elements.ForEach([=](int64_t i) {
        const T slope = sign * gradient[i] + decay * parameter[i];
        exp_avg[i] += weight1 * (slope - exp_avg[i]);
        exp_avg_sq[i] = beta2 * exp_avg_sq[i] + weight2 * slope * slope;
        const T denominator = std::sqrt(exp_avg_sq[i] / correction) + eps;
        parameter[i] = shrink * parameter[i] + (of_gradient * slope + of_average * exp_avg[i]) / denominator;
      });
    });
    if (!is_done) UpdateForeach(bucket, rate);
  }

  // Python's own foreach sequence takes the root before it corrects the bias, which differs in the last bits.
  void UpdateForeach(Bucket& bucket, double rate) const override {
    std::vector<at::Scalar> corrections, of_gradients, of_averages;
    for (size_t i = 0; i < bucket.parameters.size(); i++) {
      const Factors factors = Advance(bucket, i, rate);
      corrections.push_back(factors.correction);
      of_gradients.push_back(factors.of_gradient);
      of_averages.push_back(factors.of_average);
    }
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
    const std::vector<at::Tensor> denominators = at::_foreach_div(bucket.state[kExpAvgSq], corrections);
    at::_foreach_sqrt_(denominators);
    at::_foreach_add_(denominators, options_.eps);
    at::_foreach_addcdiv_(bucket.parameters, gradients, denominators, of_gradients);
    at::_foreach_addcdiv_(bucket.parameters, bucket.state[kExpAvg], denominators, of_averages);
  }

 private:
  /// What the gradient, its average and the average of squares count in one step.
  struct Factors {
    double of_gradient, of_average, correction;
  };

  // Advances the scalars of a parameter.
  Factors Advance(const Bucket& bucket, size_t i, double rate) const {
    CountSteps(bucket.state[kStep][i]);
    const double step = ReadScalar(bucket.state[kStep][i]);
    const double mu = options_.beta1 * (1. - 0.5 * std::pow(0.96, step * options_.momentum_decay));
    const double next = options_.beta1 * (1. - 0.5 * std::pow(0.96, (step + 1) * options_.momentum_decay));
    const double product = *bucket.state[kMuProduct][i].mutable_data_ptr<float>() *= static_cast<float>(mu);
    return {-rate * (1. - mu) / (1. - product), -rate * next / (1. - product * next),
            1 - std::pow(options_.beta2, step)};
  }

  double Shrink(double rate) const {
    return options_.decoupled_weight_decay ? 1 - rate * options_.weight_decay : 1;
  }

  NadamOptions options_;
  std::vector<StateEntry> state_entries_{StepEntry(), {"mu_product", true, 1}, {"exp_avg"}, {"exp_avg_sq"}};
};

}  // namespace

std::unique_ptr<Rule> MakeNadam(const NadamOptions& options) { return std::make_unique<Nadam>(options); }

}  // namespace snorkel_torch
