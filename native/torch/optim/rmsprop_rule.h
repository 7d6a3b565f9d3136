// RMSprop, as torch.optim.RMSprop.
#pragma once

#include <memory>

#include "native/torch/optim/rule.h"

namespace snorkel_torch {

struct RmspropOptions {
  double alpha;
  double eps;
  double weight_decay;
  double momentum;
  bool centered;
  bool maximize;
};

std::unique_ptr<Rule> MakeRmsprop(const RmspropOptions& options);

}  // namespace snorkel_torch
