#include "native/torch/optim/schedules.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "native/boundary/convert.h"
#include "native/torch/optim/schedule_rules.h"

namespace snorkel_torch {
namespace {

// So that no call takes the machine's memory, or its time.
constexpr int64_t kMostRates = int64_t{1} << 24;
constexpr int64_t kMostStepsBefore = int64_t{1} << 28;

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
  const int64_t first = ReadCount(info[5], "firstStep", 0);
  const int64_t count = ReadCount(info[6], "count", 0);
  if (count > kMostRates) ThrowExpected("at most 2^24 rates", "count", info[6]);
  if (!before && first > kMostStepsBefore) ThrowExpected("at most step 2^28", "firstStep", info[5]);
  const auto rates = Rates(schedule, first, count, before);
  Napi::Float64Array array = Napi::Float64Array::New(info.Env(), rates.size());
  std::copy(rates.begin(), rates.end(), array.Data());
  return array;
}

constexpr Entry kEntries[] = {{"scheduleRates", ScheduleRates}};

}  // namespace

void InitSchedules(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
