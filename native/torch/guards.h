// Arguments on which LibTorch itself crashes or never returns, refused before it sees them.
#pragma once

#include <ATen/core/stack.h>

#include <string>

namespace snorkel_torch {

/// Throws std::invalid_argument for a stack that the operator must not be called with.
using ArgumentGuard = void (*)(const torch::jit::Stack& stack);

/// The guard of an operator ("aten::linalg_eigvals", whatever the overload); nullptr for the many that need
/// none.
ArgumentGuard FindGuard(const std::string& name);

}  // namespace snorkel_torch
