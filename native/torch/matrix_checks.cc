#include "native/torch/guard_checks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace snorkel_torch {
namespace {

// Pivots say which rows are swapped, and are not compared with the matrix by LAPACK.
void CheckPivots(const at::Tensor& matrix, const at::Tensor& pivots) {
  const at::NoGradGuard no_grad;
  if (matrix.dim() < 2) return;  // LibTorch says so
  std::vector<int64_t> shape(matrix.sizes().begin(), matrix.sizes().end() - 1);
  shape.back() = std::min(matrix.size(-2), matrix.size(-1));
  if (pivots.sizes() != c10::IntArrayRef(shape)) {
    throw std::invalid_argument("expected pivots of shape " + c10::str(c10::IntArrayRef(shape)) + ", got " +
                                c10::str(pivots.sizes()));
  }
  if (!HasValues(pivots) || !c10::isIntegralType(pivots.scalar_type(), false)) return;
  if (pivots.min().item<int64_t>() < 1 || pivots.max().item<int64_t>() > matrix.size(-2)) {
    throw std::invalid_argument("expected row numbers from 1 to " + std::to_string(matrix.size(-2)) +
                                " for pivots");
  }
}

}  // namespace

// LAPACK reads past the matrix. linalg.eig looks at this by itself.
void CheckFinite(const torch::jit::Stack& stack) {
  const at::NoGradGuard no_grad;
  const at::Tensor& matrix = stack[0].toTensor();
  if (HasValues(matrix) && !at::isfinite(matrix).all().item<bool>()) {
    throw std::invalid_argument("expected finite elements for self, got NaN or infinity");
  }
}

void CheckFirstPivots(const torch::jit::Stack& stack) {
  CheckPivots(stack[0].toTensor(), stack[1].toTensor());
}

void CheckSecondPivots(const torch::jit::Stack& stack) {
  CheckPivots(stack[1].toTensor(), stack[2].toTensor());
}

// A block of two rows has one negative pivot, twice; half a block is looked for past the end. What is left,
// LibTorch checks.
void CheckBlockPivots(const torch::jit::Stack& stack) {
  const at::NoGradGuard no_grad;
  const at::Tensor& given = stack[1].toTensor();
  if (!HasValues(given) || given.dim() == 0 || !c10::isIntegralType(given.scalar_type(), false)) return;
  const at::Tensor pivots = given.to(c10::kCPU, c10::kLong).contiguous();
  const int64_t* values = pivots.const_data_ptr<int64_t>();
  const int64_t rows = pivots.size(-1);
  for (int64_t start = 0; start < pivots.numel(); start += rows) {
    for (int64_t row = 0; row < rows; row++) {
      if (values[start + row] > 0) continue;
      if (row + 1 == rows || values[start + row + 1] != values[start + row]) {
        throw std::invalid_argument("expected negative pivots in pairs, as ldlFactor gives them");
      }
      row++;
    }
  }
}

// The fused kernel reads as many values as there are keys.
void CheckAttention(const torch::jit::Stack& stack) {
  const at::Tensor& key = stack[1].toTensor();
  const at::Tensor& value = stack[2].toTensor();
  if (stack[7].toBool() && key.dim() > 2 && value.dim() > 2 && key.size(-3) * value.size(-3) == 0) {
    throw std::invalid_argument("expected at least one head of keys and of values with enableGqa, got none");
  }
  if (key.dim() < 2 || value.dim() < 2 || key.size(-2) == value.size(-2))
    return;  // LibTorch checks dimensions
  throw std::invalid_argument("expected as many values as keys, got " + std::to_string(value.size(-2)) +
                              " for " + std::to_string(key.size(-2)));
}

}  // namespace snorkel_torch
