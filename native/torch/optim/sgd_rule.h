// Stochastic gradient descent, as torch.optim.SGD.
#pragma once

#include <memory>

#include "native/torch/optim/rule.h"

namespace snorkel_torch {

struct SgdOptions {
  double momentum;
  double dampening;
  double weight_decay;
  bool nesterov;
  bool maximize;
};

std::unique_ptr<Rule> MakeSgd(const SgdOptions& options);

}  // namespace snorkel_torch
