// What a TorchScript file must not hold. Checked when it is loaded, before any of its code runs.
#pragma once

#include <torch/csrc/jit/api/module.h>

namespace snorkel_torch {

/// Goes through every function of the file, called or not.
/// @throws std::invalid_argument naming the first operator that touches files, the process or memory behind
/// tensors' backs, or that belongs to no namespace of ours to trust.
void CheckScriptOperators(const torch::jit::Module& module);

/// The interpreter reads attributes by their place and trusts the declared types.
/// @throws std::invalid_argument naming the first attribute whose value is not of its declared type.
void CheckScriptAttributes(const torch::jit::Module& module);

/// Whether a function of the file makes lists of tensors' values, which it does without an operator of ATen.
bool MakesListsOfValues(const torch::jit::Module& module);

/// Whether a function of the file has an operator that writes into a tensor it is given.
bool WritesTensors(const torch::jit::Module& module);

}  // namespace snorkel_torch
