// What becomes of each call of a record in its program.
#pragma once

#include <vector>

#include "native/engine/record.h"

namespace snorkel_torch {

enum class Fate {
  kRun,       // in every step
  kRunOnce,   // its results are the same in every step: computed when the program is made
  kLeaveOut,  // another view of memory that is there anyway, memory without values, or results that nothing
              // uses
};

/// One fate per call.
/// @param is_fixed by tensor: a constant whose values never change, since it was made within the step
std::vector<Fate> Simplify(const Record& record, const std::vector<bool>& is_fixed);

/// True if the call changes some of its arguments.
bool Writes(const RecordedCall& call);

/// True if the call changes its argument of that number.
bool IsWritten(const RecordedCall& call, size_t argument);

/// True if the call looks at the shapes of its arguments, and not at their values: `aten::zeros_like`.
bool ReadsShapes(const RecordedCall& call);

/// The storages below the arguments that the call changes, and below its results.
std::vector<size_t> WrittenStorages(const Record& record, const RecordedCall& call);

/// The storages that the call makes; the others below its results are those of arguments.
std::vector<size_t> NewStorages(const Record& record, const RecordedCall& call);

/// True if all results of a call that changes nothing lie in the memory of its arguments.
bool IsView(const Record& record, const RecordedCall& call);

/// True if the call draws from a generator.
bool IsRandom(const RecordedCall& call);

/// True for a call that only makes room: `aten::empty_like`.
bool IsAllocation(const RecordedCall& call);

}  // namespace snorkel_torch
