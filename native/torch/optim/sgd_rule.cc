#include "native/torch/optim/sgd_rule.h"

#include <ATen/ATen.h>

namespace snorkel_torch {
namespace {

class Sgd final : public Rule {
 public:
  explicit Sgd(const SgdOptions& options) : options_(options) {
    if (options.momentum != 0) state_entries_ = {{"momentum_buffer"}};
  }

  const std::vector<StateEntry>& StateEntries() const override { return state_entries_; }

  // In 16 bits, LibTorch's kernel for the CPU reads momentum as float32: other numbers, and past their end.
  bool HasFusedKernel(const Bucket& bucket) const override {
    const at::Tensor& like = bucket.parameters.front();
    return state_entries_.empty() || !like.is_cpu() || like.itemsize() != 2;
  }

  void UpdateFused(Bucket& bucket, double rate) const override {
    if (!HasFusedKernel(bucket)) return UpdateForeach(bucket, rate);
    const at::TensorList buffers = state_entries_.empty() ? at::TensorList() : bucket.state[0];
    at::_fused_sgd_(bucket.parameters, bucket.gradients, buffers, options_.weight_decay, options_.momentum,
                    rate, options_.dampening, options_.nesterov, options_.maximize,
                    bucket.is_first && !buffers.empty(), bucket.grad_scale);
  }

  void UpdateOnDevice(Bucket& bucket, const DeviceUpdate& update) const override {
    const at::TensorList buffers = state_entries_.empty() ? at::TensorList() : bucket.state[0];
    at::_fused_sgd_(bucket.parameters, bucket.gradients, buffers, options_.weight_decay, options_.momentum,
                    update.rates[bucket.group], options_.dampening, options_.nesterov, options_.maximize,
                    /*is_first_step=*/false, OrNone(update.divisor), update.is_bad);
  }

  void UpdateForeach(Bucket& bucket, double rate) const override {
    std::vector<at::Tensor> gradients =
        options_.maximize ? at::_foreach_neg(bucket.gradients) : bucket.gradients;
    if (options_.weight_decay != 0) {
      gradients = at::_foreach_add(gradients, bucket.parameters, options_.weight_decay);
    }
    if (options_.momentum != 0) {
      const std::vector<at::Tensor>& buffers = bucket.state[0];
      if (bucket.is_first) {
        at::_foreach_copy_(buffers, gradients);
      } else {
        at::_foreach_mul_(buffers, options_.momentum);
        at::_foreach_add_(buffers, gradients, 1 - options_.dampening);
      }
      gradients = options_.nesterov ? at::_foreach_add(gradients, buffers, options_.momentum) : buffers;
    }
    at::_foreach_add_(bucket.parameters, gradients, -rate);
  }

 private:
  SgdOptions options_;
  std::vector<StateEntry> state_entries_;
};

}  // namespace

std::unique_ptr<Rule> MakeSgd(const SgdOptions& options) { return std::make_unique<Sgd>(options); }

}  // namespace snorkel_torch
