// What batch norm can have changed after it was made.
#pragma once

#include "native/boundary/guard.h"

namespace snorkel_torch {

void InitBatchNorm(Napi::Object exports);

}  // namespace snorkel_torch
