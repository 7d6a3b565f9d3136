#include "native/engine/finite_watch.h"

#include <ATen/ATen.h>

#include <limits>

namespace snorkel_torch {

FiniteWatch::FiniteWatch(c10::Device device)
    : poison_(at::zeros({}, at::TensorOptions(at::kFloat).device(device))),
      is_good_(at::ones_like(poison_)),
      is_bad_(at::zeros_like(poison_)) {}

void FiniteWatch::Reset() {
  poison_.zero_();
  is_good_.fill_(1);
  is_bad_.zero_();
}

// The largest is infinite or NaN if one is. What is finite gives 0 times 0; the rest, and NaN from then on,
// is not equal to itself.
void FiniteWatch::See(const at::Tensor& values) {
  poison_.add_(at::linalg_vector_norm(values, std::numeric_limits<double>::infinity()), 0);
  at::eq_out(is_good_, poison_, poison_);
  at::ne_out(is_bad_, poison_, poison_);
}

}  // namespace snorkel_torch
