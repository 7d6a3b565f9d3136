// NAdam, as torch.optim.NAdam.
#pragma once

#include <memory>

#include "native/torch/optim/rule.h"

namespace snorkel_torch {

struct NadamOptions {
  double beta1;
  double beta2;
  double eps;
  double weight_decay;
  double momentum_decay;
  bool decoupled_weight_decay;
  bool maximize;
};

std::unique_ptr<Rule> MakeNadam(const NadamOptions& options);

}  // namespace snorkel_torch
