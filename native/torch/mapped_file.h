// Tensors whose elements lie in a file.
#pragma once

#include <ATen/core/Tensor.h>

#include "native/boundary/guard.h"

namespace snorkel_torch {

void InitMappedFile(Napi::Object exports);

}  // namespace snorkel_torch
