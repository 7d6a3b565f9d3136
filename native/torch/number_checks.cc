#include "native/torch/guard_checks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace snorkel_torch {
namespace {

constexpr double kMaxOrder = 1e6;
constexpr double kMaxCount = 9007199254740991.0;

bool Contains(const at::Tensor& tensor, int64_t value) {
  return HasValues(tensor) && c10::isIntegralType(tensor.scalar_type(), false) &&
         tensor.eq(value).any().item<bool>();
}

int64_t LeastOf(c10::ScalarType dtype) {
  return dtype == c10::kInt ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int64_t>::min();
}

}  // namespace

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

// The quotient of the least integer and -1 is past the largest, on which the processor traps.
void CheckQuotient(const torch::jit::Stack& stack) {
  if (stack.size() < 3 || !stack[2].isString() || stack[2].toStringRef() != "trunc") return;
  const at::NoGradGuard no_grad;
  const at::Tensor& self = stack[0].toTensor();
  const c10::IValue& other = stack[1];
  const bool divides = other.isTensor() ? Contains(other.toTensor(), -1) : other.toScalar().equal(-1);
  if (divides && Contains(self, LeastOf(self.scalar_type()))) {
    throw std::invalid_argument(
        "expected quotients that the dtype holds, got its least integer for self and -1 for other");
  }
}

// As for quotients, which it takes inside.
void CheckMultiple(const torch::jit::Stack& stack) {
  const at::NoGradGuard no_grad;
  for (const at::Tensor& tensor : {stack[0].toTensor(), stack[1].toTensor()}) {
    if (Contains(tensor, LeastOf(tensor.scalar_type()))) {
      throw std::invalid_argument("expected integers whose size the dtype holds, got its least");
    }
  }
}

// The sum is the size of the result; where it overflows or one of them is negative, more is written than was
// allocated.
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

// Every position of a kernel or an output is visited, even where the result is empty.
void CheckExtent(const torch::jit::Stack& stack) {
  double positions = 1;
  for (const int64_t size : stack[1].toIntVector())
    positions *= static_cast<double>(std::max<int64_t>(size, 1));
  if (positions > std::numeric_limits<int32_t>::max()) {
    throw std::invalid_argument("expected at most 2^31 - 1 positions of a kernel or an output");
  }
}

// Its backward divides the rows among threads, of which there are then none.
void CheckRows(const torch::jit::Stack& stack) {
  const at::Tensor& self = stack[0].toTensor();
  if (self.dim() == 2 && self.size(0) == 0 && self.requires_grad()) {
    throw std::invalid_argument("expected at least one row for self where it requires a gradient");
  }
}

// The sampler counts up to its draw, which comparisons with NaN never end.
void CheckTrials(const torch::jit::Stack& stack) {
  const at::NoGradGuard no_grad;
  const at::Tensor& count = stack[0].toTensor();
  const at::Tensor& probability = stack[1].toTensor();
  if (HasValues(count) && !at::isfinite(count).logical_and(count.ge(0)).all().item<bool>()) {
    throw std::invalid_argument("expected finite numbers of at least 0 for count");
  }
  if (HasValues(probability) && !probability.ge(0).logical_and(probability.le(1)).all().item<bool>()) {
    throw std::invalid_argument("expected numbers from 0 to 1 for prob");
  }
}

// They choose where windows begin, which is read without a further look.
void CheckSamples(const torch::jit::Stack& stack) {
  const at::NoGradGuard no_grad;
  const at::Tensor& samples = stack[3].toTensor();
  if (!HasValues(samples) || !at::isFloatingType(samples.scalar_type())) return;
  if (!samples.ge(0).logical_and(samples.lt(1)).all().item<bool>()) {
    throw std::invalid_argument("expected numbers from 0 up to, without, 1 for randomSamples");
  }
}

}  // namespace snorkel_torch
