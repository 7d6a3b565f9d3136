#include "native/torch/optim/schedules.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "native/boundary/convert.h"

namespace snorkel_torch {
namespace {

constexpr std::array<std::pair<const char*, Schedule::Kind>, 4> kKinds{{
    {"constant", Schedule::Kind::kConstant},
    {"linear", Schedule::Kind::kLinear},
    {"exponential", Schedule::Kind::kExponential},
    {"step", Schedule::Kind::kStep},
}};

// The scheduled rate `step` steps after the warm-up, given the rate of the step before. PyTorch's exponential
// and step schedulers multiply the last rate, floor included: powers of gamma would differ in the last bits.
double After(const Schedule& schedule, int64_t step, double last) {
  if (step == 0) return schedule.rate;
  switch (schedule.kind) {
    case Schedule::Kind::kConstant: return schedule.rate;
    case Schedule::Kind::kLinear: {
      const auto steps = static_cast<double>(schedule.total_steps - schedule.warmup_steps);
      const auto left = steps - static_cast<double>(step);
      return left > 0 ? schedule.rate * (left / steps) : 0;
    }
    case Schedule::Kind::kExponential: return last * schedule.gamma;
    case Schedule::Kind::kStep: return step % schedule.step_size == 0 ? last * schedule.gamma : last;
  }
  throw std::logic_error("unknown kind of schedule");
}

double Next(const Schedule& schedule, int64_t step, double last) {
  if (step < schedule.warmup_steps) {
    return schedule.rate * (static_cast<double>(step) / static_cast<double>(schedule.warmup_steps));
  }
  return std::max(After(schedule, step - schedule.warmup_steps, last), schedule.min_rate);
}

Schedule::Kind ReadKind(const Napi::Value& value) {
  const std::string name = ReadString(value, "kind");
  for (const auto& [known, kind] : kKinds) {
    if (name == known) return kind;
  }
  ThrowExpected("a kind of schedule", "kind", value);
}

int64_t ReadCount(const Napi::Value& value, const std::string& name, int64_t least) {
  const int64_t count = ReadInteger(value, name);
  if (count < least || count > UINT32_MAX)
    ThrowExpected(c10::str("an integer of 32 bits from ", least), name, value);
  return count;
}

// scheduleRates(kind, rate, warmupSteps, totalSteps, gamma, stepSize, minRate, firstStep, count): a
// Float64Array.
Napi::Value ScheduleRatesEntry(const Napi::CallbackInfo& info) {
  const Schedule schedule{ReadKind(info[0]),
                          ReadNumber(info[1], "rate"),
                          ReadCount(info[2], "warmupSteps", 0),
                          ReadCount(info[3], "totalSteps", 0),
                          ReadNumber(info[4], "gamma"),
                          ReadCount(info[5], "stepSize", 1),
                          ReadNumber(info[6], "minRate")};
  const auto rates =
      ScheduleRates(schedule, ReadCount(info[7], "firstStep", 0), ReadCount(info[8], "count", 0));
  Napi::Float64Array array = Napi::Float64Array::New(info.Env(), rates.size());
  std::copy(rates.begin(), rates.end(), array.Data());
  return array;
}

constexpr Entry kEntries[] = {{"scheduleRates", ScheduleRatesEntry}};

}  // namespace

std::vector<double> ScheduleRates(const Schedule& schedule, int64_t first_step, int64_t count) {
  std::vector<double> rates;
  rates.reserve(count);
  double rate = 0;
  for (int64_t step = std::min(first_step, schedule.warmup_steps); step < first_step + count; step++) {
    rate = Next(schedule, step, rate);
    if (step >= first_step) rates.push_back(rate);
  }
  return rates;
}

void InitSchedules(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
