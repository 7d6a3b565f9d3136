// Gradients.
#pragma once

#include "native/boundary/guard.h"

namespace snorkel_torch {

void InitAutograd(Napi::Object exports);

}  // namespace snorkel_torch
