// Plans from JavaScript.
#pragma once

#include "native/boundary/napi.h"
#include "native/engine/training_run.h"

namespace snorkel_torch {

struct GivenPlan {
  TrainingPlan plan;
  Napi::Value optimizer;  // the object that carries the plan's, or null
  Napi::Value sums;       // likewise
};

/// @throws std::invalid_argument for a plan that does not hold together: every place that it names is there.
GivenPlan ReadPlan(const Napi::Value& value);

}  // namespace snorkel_torch
