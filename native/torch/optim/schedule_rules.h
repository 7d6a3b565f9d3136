// The kinds of learning-rate schedules, each PyTorch's arithmetic in PyTorch's order, so that the bits are
// its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "native/boundary/napi.h"

namespace snorkel_torch {

/// The rate of a step, counted from the end of the warm-up, given the rate of the step before (any number at
/// step 0). PyTorch computes many schedules by changing the last rate; closed forms would differ in the last
/// bits.
using RateRule = std::function<double(int64_t step, double last)>;

/// The rule of a kind that starts from `rate`, with the kind's options as TypeScript checked and completed
/// them.
RateRule ReadRateRule(const std::string& kind, double rate, const Napi::Object& options);

/// A whole number from `least` on that fits 32 bits.
int64_t ReadCount(const Napi::Value& value, const char* name, int64_t least);

}  // namespace snorkel_torch
