// Gradients one after the other in one memory, so that their norm is that of one vector. It is laid out as a
// program's, so that it has the same bits: each begins at a multiple of the device's alignment, with zeros
// between them.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace snorkel_torch {

/// Whether gradients can be copied into a row: those of one dtype on the CPU, without gaps of their own.
bool FitInRow(const std::vector<at::Tensor>& gradients);

/// Whether the gradients are the memory of a row, in this order and with nothing else in it.
bool AreRow(const std::vector<at::Tensor>& gradients, const at::Tensor& row);

/// A row of zeros for gradients that fit in one.
at::Tensor MakeRow(const std::vector<at::Tensor>& gradients);

void CopyIntoRow(const std::vector<at::Tensor>& gradients, const at::Tensor& row);

}  // namespace snorkel_torch
