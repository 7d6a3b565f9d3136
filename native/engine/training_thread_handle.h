// Training threads in JavaScript.
#pragma once

#include "native/boundary/napi.h"

namespace snorkel_torch {

void InitTrainingThread(Napi::Object exports);

}  // namespace snorkel_torch
