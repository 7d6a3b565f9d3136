// Calls of ATen operators from JavaScript, all of them through one routine.
#pragma once

#include "native/boundary/guard.h"

namespace snorkel_torch {

void InitOperators(Napi::Object exports);

}  // namespace snorkel_torch
