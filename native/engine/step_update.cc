#include "native/engine/step_update.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "native/engine/gradient_row.h"
#include "native/torch/optim/clip.h"

namespace snorkel_torch {

std::vector<at::Tensor> GradientsFor(const std::vector<at::Tensor>& parameters, const Program& program) {
  std::vector<at::Tensor> gradients(parameters.size());
  for (size_t i = 0; i < parameters.size(); i++) {
    for (const auto& [parameter, gradient] : program.gradients()) {
      if (parameter.is_same(parameters[i])) gradients[i] = gradient;
    }
  }
  return gradients;
}

// The "foreach" implementations are to give Python's bits, whose norm is one of norms.
StepUpdate::StepUpdate(Optimizer& optimizer, std::vector<at::Tensor> gradients, const at::Tensor& row)
    : optimizer_(optimizer),
      gradients_(std::move(gradients)),
      ordered_(optimizer.InGradientOrder(gradients_)) {
  if (!optimizer.is_fused()) return;
  if (AreRow(ordered_, row)) {
    row_ = row;
  } else if (FitInRow(ordered_)) {
    is_copied_ = true;
    row_ = MakeRow(ordered_);
  }
}

UpdateResult StepUpdate::Run(const UpdateOptions& options) {
  const at::NoGradGuard no_grad;
  UpdateResult result;
  optimizer_.CheckRates(options.rates);
  if (buckets_.empty()) buckets_ = optimizer_.Collect(gradients_);
  if (options.grad_clip > 0 || options.check_finite) {
    const at::Tensor total_norm = TotalGradientNorm();
    result.total_norm = total_norm.is_cpu() && total_norm.scalar_type() == at::kFloat
                            ? *total_norm.const_data_ptr<float>()
                            : total_norm.item().toDouble();
    // A finite norm proves every element finite. An infinite one does not prove the opposite: squares
    // overflow, and then PyTorch scales the gradients to zero.
    if (options.check_finite && !std::isfinite(*result.total_norm) &&
        (result.bad_gradient = FindBadGradient())) {
      return result;
    }
    if (options.grad_clip > 0) Clip(options.grad_clip, total_norm);
  }
  optimizer_.Update(buckets_, options.rates);
  const bool was_first =
      std::any_of(buckets_.begin(), buckets_.end(), [](const Bucket& bucket) { return bucket.is_first; });
  if (was_first) buckets_.clear();
  return result;
}

at::Tensor StepUpdate::TotalGradientNorm() const {
  if (!row_.defined()) return TotalNorm(ordered_);
  if (is_copied_) CopyIntoRow(ordered_, row_);
  return at::linalg_vector_norm(row_);
}

// Leaves it to the update where that can do it on its way: a pass over all gradients less.
void StepUpdate::Clip(double max_norm, const at::Tensor& total_norm) {
  const bool is_row = row_.defined() && !is_copied_;
  if (row_.defined() && row_.is_cpu() && row_.scalar_type() == at::kFloat &&
      optimizer_.DividesGradients(buckets_)) {
    const std::optional<at::Tensor> scale = ClipDivisor(max_norm, total_norm);
    for (Bucket& bucket : buckets_) bucket.grad_scale = scale;
  } else {
    ClipToNorm(is_row ? std::vector<at::Tensor>{row_} : ordered_, max_norm, total_norm);
  }
}

std::optional<size_t> StepUpdate::FindBadGradient() const {
  for (size_t i = 0; i < gradients_.size(); i++) {
    if (gradients_[i].defined() && !at::isfinite(gradients_[i]).all().item<bool>()) return i;
  }
  return std::nullopt;
}

}  // namespace snorkel_torch
