// Python's `tensor[...]`, by LibTorch's own implementation of it.
#pragma once

#include "native/boundary/guard.h"

namespace snorkel_torch {

void InitIndexing(Napi::Object exports);

}  // namespace snorkel_torch
