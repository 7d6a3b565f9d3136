#include "native/engine/gradient_sums.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <stdexcept>
#include <utility>

#include "native/torch/optim/optimizer.h"

namespace snorkel_torch {

GradientSums::GradientSums(std::vector<at::Tensor> parameters)
    : parameters_(std::move(parameters)), memory_(parameters_.size()), sums_(parameters_.size()) {}

void GradientSums::Add(const std::vector<at::Tensor>& gradients) {
  const at::NoGradGuard no_grad;
  Check(gradients);
  for (size_t i = 0; i < gradients.size(); i++) {
    if (!gradients[i].defined()) continue;
    if (sums_[i].defined()) {
      sums_[i].add_(gradients[i]);
      continue;
    }
    if (!memory_[i].defined()) memory_[i] = at::empty_like(parameters_[i].detach());
    memory_[i].copy_(gradients[i]);
    sums_[i] = memory_[i];
  }
}

void GradientSums::Replace(const std::vector<at::Tensor>& sums) {
  Check(sums);
  Clear();
  Add(sums);
}

void GradientSums::Clear() { sums_.assign(sums_.size(), at::Tensor()); }

void GradientSums::Check(const std::vector<at::Tensor>& gradients) const {
  if (gradients.size() != parameters_.size()) {
    throw std::invalid_argument(
        c10::str("expected ", parameters_.size(), " gradients to add up, got ", gradients.size()));
  }
  for (size_t i = 0; i < gradients.size(); i++) {
    const at::Tensor& gradient = gradients[i];
    if (!gradient.defined()) continue;
    if (gradient.layout() != c10::kStrided)
      throw std::invalid_argument("expected a dense gradient for " + PlaceOf(i) + ", got a sparse one");
    if (gradient.sizes() != parameters_[i].sizes() ||
        gradient.scalar_type() != parameters_[i].scalar_type()) {
      throw std::invalid_argument(c10::str("expected a gradient of ", parameters_[i].scalar_type(), " ",
                                           parameters_[i].sizes(), " for ", PlaceOf(i), ", got ",
                                           gradient.scalar_type(), " ", gradient.sizes()));
    }
  }
}

}  // namespace snorkel_torch
