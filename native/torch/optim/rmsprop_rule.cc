#include "native/torch/optim/rmsprop_rule.h"

#include <ATen/ATen.h>

#include <cmath>

#include "native/torch/optim/element_loop.h"

namespace snorkel_torch {
namespace {

class Rmsprop final : public Rule {
 public:
  explicit Rmsprop(const RmspropOptions& options) : options_(options) {
    if (options.momentum > 0) state_entries_.push_back({"momentum_buffer"});
    if (options.centered) state_entries_.push_back({"grad_avg"});
  }

  const std::vector<StateEntry>& StateEntries() const override { return state_entries_; }

  void UpdateFused(Bucket& bucket, double rate) const override {
    const bool is_done = UpdateElements(bucket, [&]<typename T>(const Elements<T>& elements) {
      CountSteps(bucket.state[kStep][elements.index()]);
      const T sign = options_.maximize ? T(-1) : T(1);
      const T decay = static_cast<T>(options_.weight_decay);
      const T alpha = static_cast<T>(options_.alpha);
      const T weight = static_cast<T>(1 - options_.alpha);
      const T eps = static_cast<T>(options_.eps);
      const T momentum = static_cast<T>(options_.momentum);
      const T size = static_cast<T>(rate);
      T* const parameter = elements.parameter();
      const T* const gradient = elements.gradient();
      T* const square_avg = elements.state(kSquareAvg);
      T* const buffer = options_.momentum > 0 ? elements.state(kMomentumBuffer) : nullptr;
      T* const grad_avg = options_.centered ? elements.state(GradAvg()) : nullptr;
      elements.ForEach([=](int64_t i) {
        const T slope = sign * gradient[i] + decay * parameter[i];
        square_avg[i] = alpha * square_avg[i] + weight * slope * slope;
        T variance = square_avg[i];
        if (grad_avg) {
          grad_avg[i] += weight * (slope - grad_avg[i]);
          variance -= grad_avg[i] * grad_avg[i];
        }
        T change = slope / (std::sqrt(variance) + eps);
        if (buffer) change = buffer[i] = momentum * buffer[i] + change;
        parameter[i] -= size * change;
      });
    });
    if (!is_done) UpdateForeach(bucket, rate);
  }

  void UpdateForeach(Bucket& bucket, double rate) const override {
    const auto& [alpha, eps, weight_decay, momentum, centered, maximize] = options_;
    CountSteps(bucket.state[kStep]);
    std::vector<at::Tensor> gradients = maximize ? at::_foreach_neg(bucket.gradients) : bucket.gradients;
    if (weight_decay != 0) gradients = at::_foreach_add(gradients, bucket.parameters, weight_decay);
    const std::vector<at::Tensor>& square_avgs = bucket.state[kSquareAvg];
    at::_foreach_mul_(square_avgs, alpha);
    at::_foreach_addcmul_(square_avgs, gradients, gradients, 1 - alpha);
    std::vector<at::Tensor> roots;
    if (centered) {
      const std::vector<at::Tensor>& grad_avgs = bucket.state[GradAvg()];
      at::_foreach_lerp_(grad_avgs, gradients, 1 - alpha);
      roots = at::_foreach_addcmul(square_avgs, grad_avgs, grad_avgs, -1);
      at::_foreach_sqrt_(roots);
    } else {
      roots = at::_foreach_sqrt(square_avgs);
    }
    at::_foreach_add_(roots, eps);
    if (momentum > 0) {
      const std::vector<at::Tensor>& buffers = bucket.state[kMomentumBuffer];
      at::_foreach_mul_(buffers, momentum);
      at::_foreach_addcdiv_(buffers, gradients, roots, 1);
      at::_foreach_add_(bucket.parameters, buffers, -rate);
    } else {
      at::_foreach_addcdiv_(bucket.parameters, gradients, roots, -rate);
    }
  }

 private:
  enum Column { kStep, kSquareAvg, kMomentumBuffer };
  size_t GradAvg() const { return options_.momentum > 0 ? kMomentumBuffer + 1 : kMomentumBuffer; }

  RmspropOptions options_;
  std::vector<StateEntry> state_entries_{StepEntry(), {"square_avg"}};
};

}  // namespace

std::unique_ptr<Rule> MakeRmsprop(const RmspropOptions& options) {
  return std::make_unique<Rmsprop>(options);
}

}  // namespace snorkel_torch
