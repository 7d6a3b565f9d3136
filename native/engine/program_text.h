// How a program prints: one line per instruction, with its tensors by number.
#pragma once

#include <string>

#include "native/engine/instruction.h"
#include "native/engine/record.h"

namespace snorkel_torch {

/// `%3: float32 [32, 8]` and a new line.
std::string Describe(const Record& record, size_t tensor);

/// `%7: float32 [32, 8] = aten::addmm.out(%1, %0, %5, 1, 1)` and a new line.
std::string Describe(const Record& record, const RecordedCall& call, const Instruction& instruction);

}  // namespace snorkel_torch
