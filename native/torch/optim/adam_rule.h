// Adam and AdamW, as torch.optim.Adam and torch.optim.AdamW.
#pragma once

#include <memory>

#include "native/torch/optim/rule.h"

namespace snorkel_torch {

struct AdamOptions {
  double beta1;
  double beta2;
  double eps;
  double weight_decay;
  bool amsgrad;
  bool maximize;
  /// Decay the weights themselves (AdamW), not the gradient (Adam).
  bool decoupled_weight_decay;
};

std::unique_ptr<Rule> MakeAdam(const AdamOptions& options);

}  // namespace snorkel_torch
