// Adagrad, as torch.optim.Adagrad.
#pragma once

#include <memory>

#include "native/torch/optim/rule.h"

namespace snorkel_torch {

struct AdagradOptions {
  double lr_decay;
  double weight_decay;
  double initial_accumulator_value;
  double eps;
  bool maximize;
};

std::unique_ptr<Rule> MakeAdagrad(const AdagradOptions& options);

}  // namespace snorkel_torch
