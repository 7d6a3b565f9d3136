#include "native/torch/optim/schedules.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "native/boundary/convert.h"
#include "native/torch/optim/schedule_rules.h"

namespace snorkel_torch {
namespace {

struct Schedule {
  RateRule rule;
  int64_t warmup_steps;  // rising in a line from 0 to the rule's first rate
  double min_rate;       // from the end of the warm-up on
};

// The rates of `count` steps from `first` on. Without the rate of the step before them, the rule runs from
// its start.
std::vector<double> Rates(const Schedule& schedule, int64_t first, int64_t count,
                          std::optional<double> before) {
  const auto& [rule, warmup_steps, min_rate] = schedule;
  std::vector<double> rates;
  rates.reserve(count);
  double rate = before ? *before : 0;
  const double top = first < warmup_steps ? rule(0, 0) : 0;
  for (int64_t step = before ? first : std::min(first, warmup_steps); step < first + count; step++) {
    if (step < warmup_steps) {
      rate = top * (static_cast<double>(step) / static_cast<double>(warmup_steps));
    } else {
      rate = std::max(rule(step - warmup_steps, rate), min_rate);
    }
    if (step >= first) rates.push_back(rate);
  }
  return rates;
}

// scheduleRates(kind, rate, options, warmupSteps, minRate, firstStep, count, before | null): a Float64Array.
Napi::Value ScheduleRates(const Napi::CallbackInfo& info) {
  const std::string kind = ReadString(info[0], "kind");
  if (!info[2].IsObject()) ThrowExpected("an object", "options", info[2]);
  const Schedule schedule{ReadRateRule(kind, ReadNumber(info[1], "rate"), info[2].As<Napi::Object>()),
                          ReadCount(info[3], "warmupSteps", 0), ReadNumber(info[4], "minRate")};
  std::optional<double> before;
  if (!info[7].IsNull()) before = ReadNumber(info[7], "before");
  const auto rates =
      Rates(schedule, ReadCount(info[5], "firstStep", 0), ReadCount(info[6], "count", 0), before);
  Napi::Float64Array array = Napi::Float64Array::New(info.Env(), rates.size());
  std::copy(rates.begin(), rates.end(), array.Data());
  return array;
}

constexpr Entry kEntries[] = {{"scheduleRates", ScheduleRates}};

}  // namespace

void InitSchedules(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
