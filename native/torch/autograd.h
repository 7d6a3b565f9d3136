// Gradients.
#pragma once

#include "boundary/guard.h"

namespace snorkel_torch {

void InitAutograd(Napi::Object exports);

}  // namespace snorkel_torch
