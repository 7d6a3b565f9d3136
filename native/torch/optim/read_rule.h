// Rules by name.
#pragma once

#include <memory>

#include "native/boundary/napi.h"
#include "native/torch/optim/rule.h"

namespace snorkel_torch {

/// The rule of a kind ("adam", ...) under its options, as lib/torch/optim checked and spelled them.
/// @throws std::invalid_argument for an unknown kind, or an option that is missing or of another type.
std::unique_ptr<Rule> ReadRule(const Napi::Value& kind, const Napi::Value& options);

}  // namespace snorkel_torch
