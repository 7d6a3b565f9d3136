// RAdam, as torch.optim.RAdam.
#pragma once

#include <memory>

#include "native/torch/optim/rule.h"

namespace snorkel_torch {

struct RadamOptions {
  double beta1;
  double beta2;
  double eps;
  double weight_decay;
  bool decoupled_weight_decay;
  bool maximize;
};

std::unique_ptr<Rule> MakeRadam(const RadamOptions& options);

}  // namespace snorkel_torch
