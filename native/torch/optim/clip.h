// Gradient clipping, as torch.nn.utils.clip_grad_norm_ and clip_grad_value_.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "native/boundary/guard.h"

namespace snorkel_torch {

/// The gradients of those parameters that have one.
std::vector<at::Tensor> GradientsOf(const std::vector<at::Tensor>& parameters);

/// The norm of the tensors' norms: of all their elements as one vector. A scalar tensor.
at::Tensor TotalNorm(const std::vector<at::Tensor>& tensors, double norm_type = 2);

/// Scales the gradients by max_norm / (total_norm + 1e-6), where that is below 1.
void ClipToNorm(const std::vector<at::Tensor>& gradients, double max_norm, const at::Tensor& total_norm);

/// What to divide gradients by instead: (total_norm + 1e-6) / max_norm, a float32 scalar on the CPU; none
/// where that is not above 1. The quotients differ from `ClipToNorm`'s products in the last bit.
/// @param total_norm of float32, on the CPU
std::optional<at::Tensor> ClipDivisor(double max_norm, const at::Tensor& total_norm);

void InitClip(Napi::Object exports);

}  // namespace snorkel_torch
