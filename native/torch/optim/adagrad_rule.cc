#include "native/torch/optim/adagrad_rule.h"

#include <ATen/ATen.h>

namespace snorkel_torch {
namespace {

enum Column { kStep, kSum };

class Adagrad final : public Rule {
 public:
  explicit Adagrad(const AdagradOptions& options)
      : options_(options), state_entries_{StepEntry(), {"sum", false, options.initial_accumulator_value}} {}

  const std::vector<StateEntry>& StateEntries() const override { return state_entries_; }

  bool KeepsScalarsWithParameters() const override { return true; }

  void UpdateFused(Bucket& bucket, double rate) const override {
    CountSteps(bucket.state[kStep]);
    at::_fused_adagrad_(bucket.parameters, bucket.gradients, bucket.state[kSum], bucket.state[kStep], rate,
                        options_.lr_decay, options_.weight_decay, options_.eps, options_.maximize,
                        bucket.grad_scale);
  }

  bool HasFusedKernel(const Bucket&) const override { return true; }

  void UpdateOnDevice(Bucket& bucket, const DeviceUpdate& update) const override {
    at::_foreach_add_(bucket.state[kStep], update.is_good);
    at::_fused_adagrad_(bucket.parameters, bucket.gradients, bucket.state[kSum], bucket.state[kStep],
                        update.rates[bucket.group], options_.lr_decay, options_.weight_decay, options_.eps,
                        options_.maximize, OrNone(update.divisor), update.is_bad);
  }

  // Python's own foreach sequence scales the gradients first, which differs in the last bits.
  void UpdateForeach(Bucket& bucket, double rate) const override {
    CountSteps(bucket.state[kStep]);
    std::vector<at::Tensor> gradients =
        options_.maximize ? at::_foreach_neg(bucket.gradients) : bucket.gradients;
    if (options_.weight_decay != 0) {
      gradients = at::_foreach_add(gradients, bucket.parameters, options_.weight_decay);
    }
    at::_foreach_addcmul_(bucket.state[kSum], gradients, gradients, 1);
    const std::vector<at::Tensor> roots = at::_foreach_sqrt(bucket.state[kSum]);
    at::_foreach_add_(roots, options_.eps);
    std::vector<at::Scalar> step_sizes;
    for (const at::Tensor& step : bucket.state[kStep]) {
      step_sizes.push_back(-(rate / (1 + (ReadScalar(step) - 1) * options_.lr_decay)));
    }
    at::_foreach_addcdiv_(bucket.parameters, gradients, roots, step_sizes);
  }

 private:
  AdagradOptions options_;
  std::vector<StateEntry> state_entries_;
};

}  // namespace

std::unique_ptr<Rule> MakeAdagrad(const AdagradOptions& options) {
  return std::make_unique<Adagrad>(options);
}

}  // namespace snorkel_torch
