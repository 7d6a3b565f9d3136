#include "torch/guards.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace snorkel_torch {
namespace {

constexpr double kMaxOrder = 1e6;
constexpr double kMaxCount = 9007199254740991.0;

bool HasValues(const at::Tensor& tensor) { return !tensor.is_meta() && tensor.numel() > 0; }

// LAPACK reads past the matrix. linalg.eig looks at this by itself.
void CheckFinite(const torch::jit::Stack& stack) {
  const at::NoGradGuard no_grad;
  const at::Tensor& matrix = stack[0].toTensor();
  if (HasValues(matrix) && !at::isfinite(matrix).all().item<bool>()) {
    throw std::invalid_argument("expected finite elements for self, got NaN or infinity");
  }
}

// The exponent is negated, which the least integer cannot be.
void CheckExponent(const torch::jit::Stack& stack) {
  if (stack[1].toInt() == std::numeric_limits<int64_t>::min()) {
    throw std::invalid_argument("expected an exponent above -2^63 for n");
  }
}

// The recurrence takes as many steps as the order says.
void CheckOrder(const torch::jit::Stack& stack) {
  const at::NoGradGuard no_grad;
  const c10::IValue& order = stack[1];
  const bool is_tensor = order.isTensor();
  if (is_tensor && !HasValues(order.toTensor())) return;
  if (is_tensor && at::isComplexType(order.toTensor().scalar_type())) return;
  const double largest = is_tensor ? order.toTensor().max().item<double>() : order.toScalar().to<double>();
  if (largest > kMaxOrder) throw std::invalid_argument("expected an order of at most 1000000 for n");
}

bool Contains(const at::Tensor& tensor, int64_t value) {
  return HasValues(tensor) && c10::isIntegralType(tensor.scalar_type(), false) && tensor.eq(value).any().item<bool>();
}

int64_t LeastOf(c10::ScalarType dtype) {
  return dtype == c10::kInt ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int64_t>::min();
}

// The quotient of the least integer and -1 is past the largest, on which the processor traps.
void CheckQuotient(const torch::jit::Stack& stack) {
  if (stack.size() < 3 || !stack[2].isString() || stack[2].toStringRef() != "trunc") return;
  const at::NoGradGuard no_grad;
  const at::Tensor& self = stack[0].toTensor();
  const c10::IValue& other = stack[1];
  const bool divides = other.isTensor() ? Contains(other.toTensor(), -1) : other.toScalar().equal(-1);
  if (divides && Contains(self, LeastOf(self.scalar_type()))) {
    throw std::invalid_argument("expected quotients that the dtype holds, got its least integer for self and -1 for other");
  }
}

// The same, inside.
void CheckMultiple(const torch::jit::Stack& stack) {
  const at::NoGradGuard no_grad;
  for (const at::Tensor& tensor : {stack[0].toTensor(), stack[1].toTensor()}) {
    if (Contains(tensor, LeastOf(tensor.scalar_type()))) {
      throw std::invalid_argument("expected integers whose size the dtype holds, got its least");
    }
  }
}

// The sum is the size of the result; where it overflows or one of them is negative, more is written than was allocated.
void CheckRepeats(const torch::jit::Stack& stack) {
  const bool has_self = stack.size() > 2;
  if (has_self && !stack[1].isTensor()) return;
  const at::NoGradGuard no_grad;
  const at::Tensor& repeats = stack[has_self ? 1 : 0].toTensor();
  if (!HasValues(repeats) || !c10::isIntegralType(repeats.scalar_type(), false)) return;
  if (repeats.min().item<int64_t>() < 0 || repeats.sum(at::kDouble).item<double>() > kMaxCount) {
    throw std::invalid_argument("expected counts of at least 0 with a sum below 2^53 for repeats");
  }
}

// Every window position of the kernel is visited.
void CheckKernel(const torch::jit::Stack& stack) {
  for (const int64_t size : stack[1].toIntVector()) {
    if (size > std::numeric_limits<int32_t>::max()) {
      throw std::invalid_argument("expected at most 2^31 - 1 for kernelSize, got " + std::to_string(size));
    }
  }
}

// Bags of 2-dimensional indices are nn.functional's to spell out.
void CheckBags(const torch::jit::Stack& stack) {
  if (stack[1].toTensor().dim() != 1 || stack[2].toTensor().dim() != 1) {
    throw std::invalid_argument("expected 1 dimension for indices and offsets");
  }
}

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
    throw std::invalid_argument("expected row numbers from 1 to " + std::to_string(matrix.size(-2)) + " for pivots");
  }
}

void CheckFirstPivots(const torch::jit::Stack& stack) { CheckPivots(stack[0].toTensor(), stack[1].toTensor()); }

// lu_solve(self, LU_data, LU_pivots)
void CheckSecondPivots(const torch::jit::Stack& stack) { CheckPivots(stack[1].toTensor(), stack[2].toTensor()); }

const std::unordered_map<std::string, ArgumentGuard>& Guards() {
  static const std::unordered_map<std::string, ArgumentGuard> guards = {
      {"aten::lcm", CheckMultiple},
      {"aten::lcm_", CheckMultiple},
      {"aten::linalg_eigvals", CheckFinite},
      {"aten::div", CheckQuotient},
      {"aten::div_", CheckQuotient},
      {"aten::divide", CheckQuotient},
      {"aten::divide_", CheckQuotient},
      {"aten::embedding_bag", CheckBags},
      {"aten::linalg_lu_solve", CheckFirstPivots},
      {"aten::lu_solve", CheckSecondPivots},
      {"aten::lu_unpack", CheckFirstPivots},
      {"aten::max_pool1d", CheckKernel},
      {"aten::max_pool1d_with_indices", CheckKernel},
      {"aten::repeat_interleave", CheckRepeats},
      {"aten::linalg_matrix_power", CheckExponent},
      {"aten::matrix_power", CheckExponent},
      {"aten::special_chebyshev_polynomial_t", CheckOrder},
      {"aten::special_chebyshev_polynomial_u", CheckOrder},
      {"aten::special_chebyshev_polynomial_v", CheckOrder},
      {"aten::special_chebyshev_polynomial_w", CheckOrder},
      {"aten::special_hermite_polynomial_h", CheckOrder},
      {"aten::special_hermite_polynomial_he", CheckOrder},
      {"aten::special_laguerre_polynomial_l", CheckOrder},
      {"aten::special_legendre_polynomial_p", CheckOrder},
      {"aten::special_shifted_chebyshev_polynomial_t", CheckOrder},
      {"aten::special_shifted_chebyshev_polynomial_u", CheckOrder},
      {"aten::special_shifted_chebyshev_polynomial_v", CheckOrder},
      {"aten::special_shifted_chebyshev_polynomial_w", CheckOrder},
  };
  return guards;
}

}  // namespace

ArgumentGuard FindGuard(const std::string& name) {
  const auto found = Guards().find(name);
  return found == Guards().end() ? nullptr : found->second;
}

}  // namespace snorkel_torch
