// Updates that the host does not wait for.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "native/torch/optim/optimizer.h"

namespace snorkel_torch {

bool Optimizer::IsOnDevice(const Bucket& bucket) const {
  return options_.is_fused && bucket.is_aligned && !bucket.is_first &&
         groups_[bucket.group].rule->HasFusedKernel(bucket);
}

void Optimizer::UpdateOnDevice(std::vector<Bucket>& buckets, const DeviceUpdate& update) const {
  const at::NoGradGuard no_grad;
  for (Bucket& bucket : buckets) {
    if (!IsOnDevice(bucket)) continue;
    WithMasters(bucket,
                [&](Bucket& updated) { groups_[updated.group].rule->UpdateOnDevice(updated, update); });
  }
}

void Optimizer::UpdateGuarded(std::vector<Bucket>& buckets, const std::vector<double>& rates,
                              const DeviceUpdate& update, size_t step, ScalarJournal& journal) const {
  const at::NoGradGuard no_grad;
  const at::Tensor is_bad = update.is_bad.to(at::kBool);
  for (Bucket& bucket : buckets) {
    if (IsOnDevice(bucket)) continue;
    WithMasters(bucket, [&](Bucket& updated) {
      if (update.divisor.defined()) at::_foreach_div_(updated.gradients, update.divisor);
      std::vector<at::Tensor> changed = updated.parameters;
      for (const std::vector<at::Tensor>& column : updated.state) {
        for (const at::Tensor& tensor : column) {
          if (tensor.dim() == 0 && tensor.is_cpu() && tensor.scalar_type() == at::kFloat) {
            journal.Note(step, tensor);
          } else {
            changed.push_back(tensor);
          }
        }
      }
      std::vector<at::Tensor> before;
      for (const at::Tensor& tensor : changed) before.push_back(tensor.clone());
      UpdateBucket(updated, rates[updated.group]);
      for (size_t i = 0; i < changed.size(); i++) at::where_out(changed[i], is_bad, before[i], changed[i]);
    });
  }
}

}  // namespace snorkel_torch
