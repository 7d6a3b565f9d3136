// Automatic mixed precision.
#pragma once

#include "native/boundary/guard.h"

namespace snorkel_torch {

void InitAutocast(Napi::Object exports);

}  // namespace snorkel_torch
