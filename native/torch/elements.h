// The elements of tensors, from and to JavaScript.
#pragma once

#include "native/boundary/guard.h"

namespace snorkel_torch {

void InitElements(Napi::Object exports);

}  // namespace snorkel_torch
