#include "native/engine/resident_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <span>
#include <utility>

#include "native/engine/launch_window.h"
#include "native/engine/program_handle.h"
#include "native/torch/cuda_library.h"

namespace snorkel_torch {
namespace {

// Makes waiting for the device an error while it lives.
class WaitingForbidden {
 public:
  explicit WaitingForbidden(const CudaGraphApi* api) : api_(api) {
    if (api_ != nullptr) api_->forbid_waiting(true);
  }
  ~WaitingForbidden() {
    if (api_ != nullptr) api_->forbid_waiting(false);
  }
  WaitingForbidden(const WaitingForbidden&) = delete;
  WaitingForbidden& operator=(const WaitingForbidden&) = delete;

 private:
  const CudaGraphApi* api_;
};

class ResidentRun {
 public:
  ResidentRun(const TrainingPlan& plan, c10::Device device, RunControl& control, ResidentState& state,
              TrainingResult& result)
      : plan_(plan),
        device_(device),
        control_(control),
        state_(state),
        result_(result),
        api_(device.is_cuda() ? FindCudaGraphApi() : nullptr),
        steps_(plan.programs.size()),
        rates_(plan.rates.size()) {}

  void Run() {
    Begin();
    std::exception_ptr failure;
    try {
      LaunchAll();
    } catch (...) {
      failure = std::current_exception();
    }
    Settle();
    if (failure && !is_bad_) std::rethrow_exception(failure);
  }

 private:
  ResidentStep& StepAt(size_t step) const { return *steps_[plan_.steps[step]]; }

  void Begin() {
    std::vector<ResidentRows> rows(plan_.programs.size());
    for (size_t step = 0; step < plan_.steps.size(); step++) AddRows(rows[plan_.steps[step]], step);
    for (size_t i = 0; i < plan_.programs.size(); i++) {
      const RunProgram& run = plan_.programs[i];
      if (rows[i].steps == 0) continue;
      steps_[i] = &state_.StepOf(run.program, *plan_.optimizer, plan_.grad_clip,
                                 static_cast<int64_t>(plan_.rates.size()));
      steps_[i]->inputs().Begin(run.sources, state_.data());
      if (!steps_[i]->inputs().are_on_device()) rows[i].positions.clear();
      steps_[i]->Begin(rows[i]);
    }
    state_.watch(device_).Reset();
  }

  void AddRows(ResidentRows& rows, size_t step) const {
    const std::span<const int32_t> positions = plan_.PositionsOf(step);
    const RunProgram& run = plan_.programs[plan_.steps[step]];
    if (!run.sources.empty()) rows.positions.insert(rows.positions.end(), positions.begin(), positions.end());
    for (const std::vector<double>& of_group : plan_.rates)
      rows.rates.push_back(static_cast<float>(of_group[step]));
    rows.steps++;
  }

  void LaunchAll() {
    LaunchWindow window(device_, state_.watch(device_).is_bad());
    for (; launched_ < plan_.steps.size() && !window.has_seen_bad(); launched_++) {
      if (control_.is_aborted) {
        result_.is_aborted = true;
        return;
      }
      if (!LaunchOne(launched_)) {
        launched_++;
        return;
      }
      window.Launched();
      control_.steps_done = window.done();
    }
  }

  // Returns false if it is known to be bad.
  bool LaunchOne(size_t number) {
    ResidentStep& step = StepAt(number);
    const RunProgram& run = plan_.programs[plan_.steps[number]];
    const std::span<const int32_t> positions = plan_.PositionsOf(number);
    for (size_t group = 0; group < rates_.size(); group++) rates_[group] = plan_.rates[group][number];
    if (run.sources.empty()) {
      FillInputs(*run.program, plan_.given[number]);
    } else {
      step.inputs().Check(positions);
      step.inputs().FillFromHost(positions);
    }
    if (step.IsFirst()) {
      step.LaunchFirst();
      if (state_.watch(device_).is_bad().item<float>() != 0) return false;
      step.UpdateFirst(rates_);
      return true;
    }
    const WaitingForbidden forbidden(state_.options().forbids_waiting ? api_ : nullptr);
    const CudaGraphApi* graphs = state_.options().has_graphs ? api_ : nullptr;
    if (auto failure = step.Launch(graphs, rates_, number, journal_)) result_.warning = std::move(failure);
    return true;
  }

  // What the device has left: goes through the steps in their order, up to the first that is bad.
  void Settle() {
    is_bad_ = launched_ > 0 && state_.watch(device_).is_bad().item<float>() != 0;
    std::vector<int64_t> steps(plan_.programs.size(), 0);
    for (size_t i = 0; i < launched_; i++) steps[plan_.steps[i]]++;
    std::vector<std::vector<double>> left(plan_.programs.size());
    for (size_t i = 0; i < steps.size(); i++) {
      if (steps[i] > 0) left[i] = steps_[i]->Read(steps[i], is_bad_);
    }
    std::vector<size_t> next(plan_.programs.size(), 0);
    size_t next_count = 0;
    for (size_t number = 0; number < launched_; number++) {
      const size_t program = plan_.steps[number];
      const ResidentStep& step = StepAt(number);
      const size_t width = step.losses() + (is_bad_ ? step.owners().size() : 0);
      const std::span<const double> values(left[program].data() + width * next[program]++, width);
      if (is_bad_ && FindBad(step, values)) {
        journal_.Rewind(number);
        result_.is_aborted = false;
        break;
      }
      for (size_t i = 0; i < step.losses(); i++) {
        const double count = plan_.counts[next_count++];
        const size_t sum = plan_.programs[program].sums[i];
        result_.losses[sum] += values[i] * count;
        result_.points[sum] += count;
      }
      result_.steps_done++;
    }
    control_.steps_done = result_.steps_done;
  }

  bool FindBad(const ResidentStep& step, std::span<const double> values) {
    const auto bad =
        std::find_if_not(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
    if (bad == values.end()) return false;
    const size_t place = bad - values.begin();
    if (place < step.losses()) {
      result_.bad_loss = BadLoss{place, *bad};
    } else {
      result_.bad_gradient = step.owners()[place - step.losses()];
    }
    return true;
  }

  const TrainingPlan& plan_;
  c10::Device device_;
  RunControl& control_;
  ResidentState& state_;
  TrainingResult& result_;
  const CudaGraphApi* api_;
  std::vector<ResidentStep*> steps_;  // by program; null for those without steps
  std::vector<double> rates_;         // of one step
  ScalarJournal journal_;
  size_t launched_ = 0;
  bool is_bad_ = false;
};

}  // namespace

void RunResident(const TrainingPlan& plan, c10::Device device, RunControl& control, ResidentState& state,
                 TrainingResult& result) {
  ResidentRun(plan, device, control, state, result).Run();
}

}  // namespace snorkel_torch
