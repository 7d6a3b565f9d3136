#include "native/torch/optim/schedule_rules.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "native/boundary/convert.h"

namespace snorkel_torch {
namespace {

constexpr double kPi = std::numbers::pi;

// The fields of a kind's options, by their names in TypeScript.
class Options {
 public:
  explicit Options(const Napi::Object& object) : object_(object) {}

  double Number(const char* name) const { return ReadNumber(object_.Get(name), name); }
  bool Boolean(const char* name) const { return ReadBoolean(object_.Get(name), name); }
  std::string String(const char* name) const { return ReadString(object_.Get(name), name); }
  std::vector<double> Numbers(const char* name) const { return ReadNumbers(object_.Get(name), name); }
  int64_t Count(const char* name, int64_t least) const { return ReadCount(object_.Get(name), name, least); }

 private:
  const Napi::Object& object_;
};

RateRule Constant(double rate, const Options& options) {
  const double factor = options.Number("factor");
  const int64_t total_iters = options.Count("totalIters", 1);
  return [=](int64_t step, double last) {
    if (step == 0) return rate * factor;
    return step == total_iters ? last * (1.0 / factor) : last;
  };
}

RateRule Linear(double rate, const Options& options) {
  const auto steps = static_cast<double>(options.Count("totalSteps", 0));
  return [=](int64_t step, double) {
    if (step == 0) return rate;
    const double left = steps - static_cast<double>(step);
    return left > 0 ? rate * (left / steps) : 0;
  };
}

RateRule Exponential(double rate, const Options& options) {
  const double gamma = options.Number("gamma");
  return [=](int64_t step, double last) { return step == 0 ? rate : last * gamma; };
}

RateRule Step(double rate, const Options& options) {
  const double gamma = options.Number("gamma");
  const int64_t step_size = options.Count("stepSize", 1);
  return [=](int64_t step, double last) {
    if (step == 0) return rate;
    return step % step_size == 0 ? last * gamma : last;
  };
}

RateRule MultiStep(double rate, const Options& options) {
  const double gamma = options.Number("gamma");
  std::vector<double> milestones = options.Numbers("milestones");
  std::sort(milestones.begin(), milestones.end());
  return [=](int64_t step, double last) {
    const double from = step == 0 ? rate : last;
    const auto [first, end] =
        std::equal_range(milestones.begin(), milestones.end(), static_cast<double>(step));
    return first == end ? from : from * std::pow(gamma, static_cast<double>(end - first));
  };
}

RateRule Polynomial(double rate, const Options& options) {
  const int64_t total_iters = options.Count("totalIters", 1);
  const double power = options.Number("power");
  return [=](int64_t step, double last) {
    if (step == 0) return rate;
    if (step > total_iters) return last;
    const auto total = static_cast<double>(total_iters);
    const double left = 1.0 - static_cast<double>(step) / total;
    return last * std::pow(left / (1.0 - static_cast<double>(step - 1) / total), power);
  };
}

RateRule Cosine(double rate, const Options& options) {
  const int64_t t_max = options.Count("tMax", 1);
  const double eta_min = options.Number("etaMin");
  return [=](int64_t step, double last) {
    if (step == 0) return rate;
    const auto period = static_cast<double>(t_max);
    // At the end of a fall the recursion would divide by zero.
    if ((step - 1 - t_max) % (2 * t_max) == 0)
      return last + (rate - eta_min) * (1 - std::cos(kPi / period)) / 2;
    const double now = 1 + std::cos(kPi * static_cast<double>(step) / period);
    const double before = 1 + std::cos(kPi * static_cast<double>(step - 1) / period);
    return now / before * (last - eta_min) + eta_min;
  };
}

RateRule CosineWarmRestarts(double rate, const Options& options) {
  const auto t_0 = static_cast<uint64_t>(options.Count("t0", 1));
  const auto t_mult = static_cast<uint64_t>(options.Count("tMult", 1));
  const double eta_min = options.Number("etaMin");
  return [=](int64_t step, double) {
    auto position = static_cast<uint64_t>(step);
    uint64_t period = t_0;  // with 32 bits each, the product with t_mult fits 64
    if (t_mult == 1) {
      position %= period;
    } else {
      for (; position >= period; period *= t_mult) position -= period;
    }
    const double angle = kPi * static_cast<double>(position) / static_cast<double>(period);
    return eta_min + (rate - eta_min) * (1 + std::cos(angle)) / 2;
  };
}

RateRule OneCycle(double, const Options& options) {
  struct Phase {
    double end;
    double from;
    double to;
  };
  const double max_rate = options.Number("maxLr");
  const double initial = max_rate / options.Number("divFactor");
  const double least = initial / options.Number("finalDivFactor");
  const auto total = static_cast<double>(options.Count("totalSteps", 1));
  const double share = options.Number("pctStart");
  const bool is_cosine = options.String("annealStrategy") == "cos";
  std::vector<Phase> phases{{share * total - 1, initial, max_rate}};
  if (options.Boolean("threePhase")) {
    phases.push_back({2 * share * total - 2, max_rate, initial});
    phases.push_back({total - 1, initial, least});
  } else {
    phases.push_back({total - 1, max_rate, least});
  }
  return [=](int64_t step, double) {
    const double at = std::min(static_cast<double>(step), total - 1);  // past its end it stays
    double begin = 0;
    size_t i = 0;
    for (; at > phases[i].end && i + 1 < phases.size(); i++) begin = phases[i].end;
    const auto [end, from, to] = phases[i];
    const double share_done = end == begin ? 1 : (at - begin) / (end - begin);
    if (is_cosine) return to + (from - to) / 2.0 * (std::cos(kPi * share_done) + 1);
    return (to - from) * share_done + from;
  };
}

RateRule Cyclic(double, const Options& options) {
  const double base_rate = options.Number("baseLr");
  const double max_rate = options.Number("maxLr");
  const auto up = static_cast<double>(options.Count("stepSizeUp", 1));
  const double total = up + static_cast<double>(options.Count("stepSizeDown", 1));
  const double ratio = up / total;
  const std::string mode = options.String("mode");
  const double gamma = options.Number("gamma");
  return [=](int64_t step, double) {
    const double cycles = static_cast<double>(step) / total;
    const double cycle = std::floor(1 + cycles);
    const double x = 1.0 + cycles - cycle;
    const double height = (max_rate - base_rate) * (x <= ratio ? x / ratio : (x - 1) / (ratio - 1));
    if (mode == "triangular2") return base_rate + height * (1 / std::pow(2.0, cycle - 1));
    if (mode == "expRange") return base_rate + height * std::pow(gamma, static_cast<double>(step));
    return base_rate + height;
  };
}

RateRule Swa(double rate, const Options& options) {
  const double swa_rate = options.Number("swaLr");
  const int64_t start_step = options.Count("startStep", 0);
  const int64_t anneal_steps = options.Count("annealSteps", 0);
  const bool is_cosine = options.String("annealStrategy") == "cos";
  const auto swa_share = [=](int64_t step) {
    const double steps = std::max(1.0, static_cast<double>(anneal_steps));
    const double t = std::clamp(static_cast<double>(step) / steps, 0.0, 1.0);
    return is_cosine ? (1 - std::cos(kPi * t)) / 2 : t;
  };
  return [=](int64_t step, double last) {
    if (step < start_step) return rate;
    const int64_t annealed = std::max(step - start_step, int64_t{anneal_steps == 0 ? 1 : 0});
    const double from = step == 0 ? rate : last;
    const double before = swa_share(annealed - 1);
    const double initial = before == 1 ? swa_rate : (from - before * swa_rate) / (1 - before);
    const double now = swa_share(annealed);
    return swa_rate * now + initial * (1 - now);
  };
}

// The user's own factors for the steps from `firstFactor` on.
double FactorOf(const std::vector<double>& factors, int64_t first, int64_t step) {
  return factors.at(static_cast<size_t>(step - first));
}

RateRule Lambda(double rate, const Options& options) {
  const auto factors = options.Numbers("factors");
  const int64_t first = options.Count("firstFactor", 0);
  return [=](int64_t step, double) { return rate * FactorOf(factors, first, step); };
}

RateRule Multiplicative(double rate, const Options& options) {
  const auto factors = options.Numbers("factors");
  const int64_t first = options.Count("firstFactor", 0);
  return [=](int64_t step, double last) { return step == 0 ? rate : last * FactorOf(factors, first, step); };
}

constexpr std::pair<const char*, RateRule (*)(double, const Options&)> kKinds[] = {
    {"constant", Constant},
    {"linear", Linear},
    {"exponential", Exponential},
    {"step", Step},
    {"multiStep", MultiStep},
    {"polynomial", Polynomial},
    {"cosine", Cosine},
    {"cosineWarmRestarts", CosineWarmRestarts},
    {"oneCycle", OneCycle},
    {"cyclic", Cyclic},
    {"swa", Swa},
    {"lambda", Lambda},
    {"multiplicative", Multiplicative},
};

}  // namespace

RateRule ReadRateRule(const std::string& kind, double rate, const Napi::Object& options) {
  for (const auto& [name, make] : kKinds) {
    if (kind == name) return make(rate, Options(options));
  }
  throw std::invalid_argument("expected a kind of schedule for kind, got \"" + kind + "\"");
}

int64_t ReadCount(const Napi::Value& value, const char* name, int64_t least) {
  const int64_t count = ReadInteger(value, name);
  if (count < least || count > UINT32_MAX)
    ThrowExpected("an integer of 32 bits from " + std::to_string(least), name, value);
  return count;
}

}  // namespace snorkel_torch
