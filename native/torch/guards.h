// Arguments on which LibTorch itself crashes or never returns, refused before it sees them.
#pragma once

#include <ATen/core/stack.h>

#include <cstddef>
#include <string>

namespace snorkel_torch {

/// Throws std::invalid_argument for a stack that the operator must not be called with.
using ArgumentGuard = void (*)(const torch::jit::Stack& stack);

/// The guard of an operator ("aten::linalg_eigvals", whatever the overload); nullptr for the many that need
/// none.
ArgumentGuard FindGuard(const std::string& name);

/// Whether a guard depends on the values of the tensors in the argument of that number; else on their shapes
/// at most.
bool ReadsValuesOf(ArgumentGuard guard, size_t argument);

}  // namespace snorkel_torch
