// Adamax, as torch.optim.Adamax.
#pragma once

#include <memory>

#include "native/torch/optim/rule.h"

namespace snorkel_torch {

struct AdamaxOptions {
  double beta1;
  double beta2;
  double eps;
  double weight_decay;
  bool maximize;
};

std::unique_ptr<Rule> MakeAdamax(const AdamaxOptions& options);

}  // namespace snorkel_torch
