// The values of losses.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

namespace snorkel_torch {

/// Reads tensors of one element each into `values`.
void ReadLosses(const std::vector<at::Tensor>& losses, std::vector<double>& values);

/// The first value that is infinite or NaN.
std::optional<size_t> FindBadLoss(const std::vector<double>& values);

}  // namespace snorkel_torch
