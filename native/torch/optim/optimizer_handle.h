// Optimizers that JavaScript objects hold.
#pragma once

#include <vector>

#include "native/boundary/guard.h"
#include "native/boundary/handle.h"
#include "native/torch/optim/optimizer.h"

namespace snorkel_torch {

template <>
struct HandleType<Optimizer> {
  static constexpr napi_type_tag tag = {0x9b1e64c07f3a4d52ULL, 0xa27c51f86d0e4b93ULL};
  static constexpr const char* name = "optimizer";
};

/// An optimizer that no thread works with: that changes its states.
/// @throws std::invalid_argument if one does.
Optimizer& ReadOptimizer(const Napi::Value& value);

/// Learning rates of a step: one for each parameter group, or a number for the only one.
std::vector<double> ReadRates(const Napi::Value& value);

void InitOptimizer(Napi::Object exports);

}  // namespace snorkel_torch
