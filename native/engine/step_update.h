// What a step's gradients do to the parameters: they are checked, clipped and applied.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "native/engine/program.h"
#include "native/torch/optim/optimizer.h"

namespace snorkel_torch {

struct UpdateOptions {
  std::vector<double> rates;  // one for each parameter group
  double grad_clip;           // the largest total norm; 0 for no clipping
  bool check_finite;
};

struct UpdateResult {
  /// The norm of all gradients before clipping; none if neither clipping nor checking asked for it.
  std::optional<double> total_norm;
  /// The first parameter whose gradient is infinite or NaN, if that was checked: then nothing was changed.
  std::optional<size_t> bad_gradient;
};

/// What a program leaves for each parameter; undefined for those that it has no gradient of.
std::vector<at::Tensor> GradientsFor(const std::vector<at::Tensor>& parameters, const Program& program);

/// Made once for gradients that are the same tensors in every step, with other values in each.
class StepUpdate {
 public:
  /// @param gradients of each parameter of the optimizer, which must outlive this; undefined where there is
  /// none
  /// @param row which holds all of them, or undefined
  StepUpdate(Optimizer& optimizer, std::vector<at::Tensor> gradients, const at::Tensor& row = {});

  UpdateResult Run(const UpdateOptions& options);

 private:
  at::Tensor TotalGradientNorm() const;
  void Clip(double max_norm, const at::Tensor& total_norm);
  std::optional<size_t> FindBadGradient() const;

  Optimizer& optimizer_;
  std::vector<at::Tensor> gradients_;  // by parameter
  std::vector<at::Tensor> ordered_;    // those that there are
  at::Tensor row_;                     // undefined if the norm is one of norms
  bool is_copied_ = false;             // into the row; else they lie there
  std::vector<Bucket> buckets_;        // empty before the first step
};

}  // namespace snorkel_torch
