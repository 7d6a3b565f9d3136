// The dtypes that cross the boundary, by PyTorch's names.
#pragma once

#include <c10/core/ScalarType.h>

#include <optional>
#include <string>

#include "native/boundary/convert.h"

namespace snorkel_torch {

/// "float32" and its like; any other scalar type by LibTorch's own name.
std::string DtypeName(c10::ScalarType dtype);

/// The dtype of that name, if it is one that we support.
std::optional<c10::ScalarType> FindDtype(const std::string& name);

c10::ScalarType ReadDtype(const Napi::Value& value, const Name& name);

}  // namespace snorkel_torch
