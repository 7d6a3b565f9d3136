// The end of a training step, after backward: check, clip, update, clear. One call, and the only place where
// a step changes anything.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "native/boundary/guard.h"
#include "native/torch/optim/optimizer_handle.h"

namespace snorkel_torch {

struct EpilogueOptions {
  std::vector<double> rates;  // one for each parameter group
  double grad_clip;           // the largest total norm; 0 for no clipping
  bool check_finite;          // losses and gradients
};

struct EpilogueResult {
  std::vector<double> losses;
  /// The norm of all gradients before clipping; none if neither clipping nor checking asked for it.
  std::optional<double> total_norm;
  /// What is infinite or NaN, if it was checked: then nothing was changed. An index into the losses or the
  /// parameters.
  std::optional<size_t> bad_loss;
  std::optional<size_t> bad_gradient;
};

EpilogueResult RunEpilogue(Optimizer& optimizer, const std::vector<at::Tensor>& losses,
                           const EpilogueOptions& options);

void InitEpilogue(Napi::Object exports);

}  // namespace snorkel_torch
