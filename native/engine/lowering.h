// From a recorded call to the instruction that does the same with memory that is there already.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "native/engine/instruction.h"
#include "native/engine/record.h"

namespace snorkel_torch {

/// Whether the call can write its results into memory that it is given, bit for bit as it would make them.
bool WritesInto(const Record& record, const RecordedCall& call);

/// @param tensors the program's tensors by number
/// @param into whether results go into the memory of their tensors; else the kernel makes memory, which these
/// take
Instruction Lower(const Record& record, const RecordedCall& call, const std::vector<at::Tensor>& tensors,
                  bool into);

}  // namespace snorkel_torch
