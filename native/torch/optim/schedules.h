// Learning rates as pure functions of the step.
#pragma once

#include "native/boundary/guard.h"

namespace snorkel_torch {

void InitSchedules(Napi::Object exports);

}  // namespace snorkel_torch
