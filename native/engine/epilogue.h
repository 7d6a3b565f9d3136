// The end of a training step on the main thread, after backward: check, clip, update, clear. One call, and
// the only place where such a step changes anything.
#pragma once

#include "native/boundary/guard.h"

namespace snorkel_torch {

void InitEpilogue(Napi::Object exports);

}  // namespace snorkel_torch
