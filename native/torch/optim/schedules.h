// Learning rates as pure functions of the step.
#pragma once

#include <cstdint>
#include <vector>

#include "native/boundary/guard.h"

namespace snorkel_torch {

struct Schedule {
  enum class Kind { kConstant, kLinear, kExponential, kStep };
  Kind kind;
  double rate;
  int64_t warmup_steps;  // rising in a line from 0
  int64_t total_steps;   // linear: falls to 0 there
  double gamma;          // exponential, step
  int64_t step_size;     // step
  double min_rate;       // from the end of the warm-up on
};

/// The rates of `count` steps from `first_step` on, the first step of a training being 0.
std::vector<double> ScheduleRates(const Schedule& schedule, int64_t first_step, int64_t count);

void InitSchedules(Napi::Object exports);

}  // namespace snorkel_torch
