#include "native/torch/guard_checks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

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

int64_t At(const std::vector<int64_t>& values, size_t i) { return values[values.size() == 1 ? 0 : i]; }

// Whether a window of max_pool has no element along a dimension of the input: its "maximum" is then said to
// lie where its first element would, which may be outside.
bool HasEmptyWindow(int64_t size, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation,
                    bool ceil) {
  const int64_t room = size + 2 * padding - dilation * (kernel - 1) - 1 + (ceil ? stride - 1 : 0);
  if (room < 0) return false;  // the operator refuses it
  int64_t last = room / stride;
  if (ceil && last * stride >= size + padding) last--;
  constexpr int64_t kMost = 1 << 20;
  for (int64_t i = 0; i <= std::min(last, kMost) && i * stride < padding; i++) {
    const int64_t outside = (padding - i * stride) % dilation;
    if (outside > 0 && dilation - outside >= size) return true;
  }
  return false;
}

// Its backward writes where each maximum was.
void CheckWindows(const torch::jit::Stack& stack, size_t dimensions) {
  CheckExtent(stack);
  const at::Tensor& self = stack[0].toTensor();
  if (!self.requires_grad() || self.dim() < static_cast<int64_t>(dimensions)) return;
  const auto kernel = stack[1].toIntVector(), given = stack[2].toIntVector(),
             padding = stack[3].toIntVector(), dilation = stack[4].toIntVector();
  const auto& stride = given.empty() ? kernel : given;
  for (const auto* values : {&kernel, &stride, &padding, &dilation}) {
    if (values->size() != 1 && values->size() != dimensions) return;  // the operator refuses it, and these
    for (const int64_t value : *values) {
      if (value < (values == &padding ? 0 : 1) || value > std::numeric_limits<int32_t>::max()) return;
    }
  }
  for (size_t i = 0; i < dimensions; i++) {
    const int64_t size = self.size(-static_cast<int64_t>(dimensions - i));
    if (HasEmptyWindow(size, At(kernel, i), At(stride, i), At(padding, i), At(dilation, i),
                       stack[5].toBool())) {
      throw std::invalid_argument(
          "expected a kernel each of whose windows has an element of the input, "
          "got one whose dilation leaves some without");
    }
  }
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

void CheckWindows1(const torch::jit::Stack& stack) { CheckWindows(stack, 1); }
void CheckWindows2(const torch::jit::Stack& stack) { CheckWindows(stack, 2); }
void CheckWindows3(const torch::jit::Stack& stack) { CheckWindows(stack, 3); }

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
