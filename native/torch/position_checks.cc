#include "native/torch/guard_checks.h"

#include <ATen/ATen.h>

#include <stdexcept>
#include <string>

namespace snorkel_torch {
namespace {

// Throws unless all positions are from 0 to `end`. On other devices than the CPU the kernel itself looks, or
// traps there.
void CheckRange(const at::Tensor& positions, int64_t end, const char* name) {
  const at::NoGradGuard no_grad;
  if (!positions.is_cpu() || !HasValues(positions) || !c10::isIntegralType(positions.scalar_type(), false))
    return;
  if (positions.min().item<int64_t>() >= 0 && positions.max().item<int64_t>() <= end) return;
  throw std::invalid_argument("expected positions from 0 to " + std::to_string(end) + " for " + name);
}

// The lengths of the targets, a list or a tensor, as a tensor.
at::Tensor ReadLengths(const c10::IValue& lengths) {
  return lengths.isTensor() ? lengths.toTensor().to(c10::kCPU, c10::kLong)
                            : at::tensor(lengths.toIntVector(), c10::kLong);
}

}  // namespace

// embedding_bag(weight, indices, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights,
// include_last_offset, ...). Bags of 2-dimensional indices are nn.functional's to spell out. Indices past the
// last offset belong to no bag, where backward looks for theirs.
void CheckBags(const torch::jit::Stack& stack) {
  const at::Tensor& indices = stack[1].toTensor();
  const at::Tensor& offsets = stack[2].toTensor();
  if (indices.dim() != 1 || offsets.dim() != 1) {
    throw std::invalid_argument("expected 1 dimension for indices and offsets");
  }
  CheckRange(offsets, indices.numel(), "offsets");
  if (offsets.numel() == 0 && indices.numel() > 0) {
    throw std::invalid_argument("expected at least one offset, as there are indices");
  }
  if (!HasValues(offsets) || !c10::isIntegralType(offsets.scalar_type(), false)) return;
  const at::NoGradGuard no_grad;
  if (offsets.slice(0, 1).lt(offsets.slice(0, 0, -1)).any().item<bool>()) {
    throw std::invalid_argument("expected offsets none of which is less than the one before");
  }
  if (stack[7].toBool() && offsets[-1].item<int64_t>() != indices.numel()) {
    throw std::invalid_argument("expected the number of indices as the last offset with includeLastOffset");
  }
}

// segment_reduce(data, reduce, lengths, indices, offsets, axis, unsafe, initial)
void CheckSegments(const torch::jit::Stack& stack) {
  const at::Tensor& data = stack[0].toTensor();
  if (stack[6].toBool())
    throw std::invalid_argument("expected false for unsafe: lengths that are too long crash");
  const int64_t axis = stack[5].toInt();
  const bool has_offsets = stack[4].isTensor() && stack[4].toTensor().defined();
  if (has_offsets && axis >= 0 && axis < data.dim())
    CheckRange(stack[4].toTensor(), data.size(axis), "offsets");
}

// ctc_loss(log_probs, targets, input_lengths, target_lengths, ...): labels are positions in the last
// dimension, but those past a target's length are padding.
void CheckLabels(const torch::jit::Stack& stack) {
  const at::NoGradGuard no_grad;
  const at::Tensor& log_probs = stack[0].toTensor();
  const at::Tensor targets = stack[1].toTensor();
  if (log_probs.dim() == 0 || !targets.is_cpu() || !HasValues(targets)) return;
  const at::Tensor lengths = ReadLengths(stack[3]);
  at::Tensor labels = targets.reshape(-1);
  if (targets.dim() == 2 && lengths.numel() == targets.size(0)) {
    labels = targets.masked_select(at::arange(targets.size(1)).lt(lengths.reshape({-1, 1})));
  } else if (targets.dim() == 1 && HasValues(lengths)) {
    const int64_t count = lengths.sum().item<int64_t>();
    if (count >= 0 && count <= targets.numel()) labels = targets.narrow(0, 0, count);
  }
  CheckRange(labels, log_probs.size(-1) - 1, "targets");
}

// grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners): but for padding with zeros, a
// position is computed with before it is checked.
void CheckGrid(const torch::jit::Stack& stack) {
  const at::Tensor& grid = stack[1].toTensor();
  if (stack[3].toInt() == 0 || !HasValues(grid) || !grid.is_floating_point()) return;
  const at::NoGradGuard no_grad;
  if (!grid.isfinite().all().item<bool>()) {
    throw std::invalid_argument(
        "expected finite positions for grid. Pass padding with zeros, or clean the grid");
  }
}

}  // namespace snorkel_torch
