// What can only be seen in a whole record.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "native/engine/record.h"

namespace snorkel_torch {

/// Names memory that is made by one call and read by another without a call that fills it in between:
/// something that is no operator did.
std::optional<std::string> FindHiddenWrite(const Record& record);

/// Names a call that changes a constant: the next step would find it changed.
/// @param is_fixed by tensor: whether it is a constant that was made within the step
std::optional<std::string> FindChangedConstant(const Record& record, const std::vector<bool>& is_fixed);

}  // namespace snorkel_torch
