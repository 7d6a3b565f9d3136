// Whether all losses and gradients of a run were finite so far, kept on the device.
#pragma once

#include <ATen/core/Tensor.h>

namespace snorkel_torch {

class FiniteWatch {
 public:
  explicit FiniteWatch(c10::Device device);

  /// Begins a run.
  void Reset();

  /// From the first values on of which one is infinite or NaN, all is bad, until the next run.
  void See(const at::Tensor& values);

  /// float32 scalars: 1 and 0, or 0 and 1. Always the same tensors.
  const at::Tensor& is_good() const { return is_good_; }
  const at::Tensor& is_bad() const { return is_bad_; }

 private:
  at::Tensor poison_;  // 0, or NaN
  at::Tensor is_good_;
  at::Tensor is_bad_;
};

}  // namespace snorkel_torch
