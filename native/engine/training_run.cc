#include "native/engine/training_run.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/DeviceGuard.h>
#include <c10/util/Exception.h>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

#include "native/engine/losses.h"
#include "native/engine/next_batch.h"
#include "native/engine/program_handle.h"
#include "native/engine/resident_run.h"
#include "native/engine/step_update.h"

namespace snorkel_torch {
namespace {

class TrainingRun {
 public:
  TrainingRun(const TrainingPlan& plan, RunControl& control, TrainingResult& result)
      : plan_(plan),
        control_(control),
        result_(result),
        gradients_(plan.programs.size()),
        updates_(plan.programs.size()) {
    options_ = {std::vector<double>(plan.rates.size()), plan.grad_clip, /*check_finite=*/true};
  }

  void Run() {
    for (size_t step = 0; step < plan_.steps.size(); step++) {
      if (control_.is_aborted) {
        result_.is_aborted = true;
        return;
      }
      FillInputs(step);
      if (step + 1 < plan_.steps.size() && IsSlowToGather(step + 1)) StartToGather(step + 1);
      ProgramOf(step).Run();
      if (plan_.optimizer) {
        if (!Learn(step)) return;
      } else {
        KeepOutputs(step);
      }
      control_.steps_done = ++result_.steps_done;
    }
  }

 private:
  const RunProgram& RunOf(size_t step) const { return plan_.programs[plan_.steps[step]]; }

  Program& ProgramOf(size_t step) const { return *RunOf(step).program; }

  void FillInputs(size_t step) {
    if (next_batch_.IsUnderWay()) return next_batch_.Finish();
    const RunProgram& run = RunOf(step);
    const std::vector<at::Tensor>& inputs = run.program->inputs();
    if (run.sources.empty()) return snorkel_torch::FillInputs(*run.program, plan_.given[step]);
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < inputs.size(); i++) Gather(run.sources[i], plan_.PositionsOf(step), inputs[i]);
    gathering_time_ = std::chrono::steady_clock::now() - start;
  }

  // Handing a batch to another thread takes longer than to gather a small one.
  bool IsSlowToGather(size_t step) const {
    return gathering_time_ > std::chrono::microseconds(50) && !RunOf(step).sources.empty();
  }

  void StartToGather(size_t step) {
    next_batch_.Start(ProgramOf(step), RunOf(step).sources, plan_.PositionsOf(step));
  }

  // Returns false if a loss or gradient is not finite: then it has changed nothing.
  bool Learn(size_t step) {
    const RunProgram& run = RunOf(step);
    ReadLosses(run.program->outputs(), losses_);
    if (const auto bad = FindBadLoss(losses_)) {
      result_.bad_loss = BadLoss{*bad, losses_[*bad]};
      return false;
    }
    for (size_t group = 0; group < plan_.rates.size(); group++)
      options_.rates[group] = plan_.rates[group][step];
    if (!Update(step)) return false;
    for (size_t i = 0; i < losses_.size(); i++) {
      const double count = plan_.counts[next_count_++];
      result_.losses[run.sums[i]] += losses_[i] * count;
      result_.points[run.sums[i]] += count;
    }
    return true;
  }

  // Returns false if a gradient is not finite: then no parameter has changed.
  bool Update(size_t step) {
    if (!plan_.sums) {
      result_.bad_gradient = UpdateOf(step).Run(options_).bad_gradient;
      return !result_.bad_gradient;
    }
    plan_.sums->Add(GradientsOf(step));
    if (!plan_.updates[step]) return true;
    result_.bad_gradient = StepUpdate(*plan_.optimizer, plan_.sums->tensors()).Run(options_).bad_gradient;
    if (!result_.bad_gradient) plan_.sums->Clear();
    return !result_.bad_gradient;
  }

  // Made after the first run of its program: only then the gradients have their place.
  StepUpdate& UpdateOf(size_t step) {
    std::optional<StepUpdate>& update = updates_[plan_.steps[step]];
    if (update) return *update;
    return update.emplace(*plan_.optimizer, GradientsOf(step), ProgramOf(step).flat_gradients());
  }

  // What a step's program leaves for each parameter of the optimizer.
  const std::vector<at::Tensor>& GradientsOf(size_t step) {
    std::vector<at::Tensor>& gradients = gradients_[plan_.steps[step]];
    const std::vector<at::Tensor>& parameters = plan_.optimizer->parameters();
    if (gradients.size() != parameters.size()) gradients = GradientsFor(parameters, ProgramOf(step));
    return gradients;
  }

  void KeepOutputs(size_t step) {
    const std::vector<at::Tensor>& outputs = ProgramOf(step).outputs();
    const std::vector<at::Tensor>& destinations = plan_.destinations[plan_.steps[step]];
    for (size_t i = 0; i < outputs.size(); i++) PutRows(outputs[i], destinations[i], plan_.starts[step]);
  }

  const TrainingPlan& plan_;
  RunControl& control_;
  TrainingResult& result_;
  UpdateOptions options_;
  std::vector<std::vector<at::Tensor>> gradients_;  // by program
  std::vector<std::optional<StepUpdate>> updates_;  // by program
  std::vector<double> losses_;                      // of one step
  size_t next_count_ = 0;
  std::chrono::steady_clock::duration gathering_time_{};  // of the last batch that this thread gathered
  NextBatch next_batch_;
};

// For graphs that JavaScript made before and goes backward through afterwards: an error instead of wrong
// gradients.
void NoteChanges(const std::vector<at::Tensor>& parameters) {
  for (const at::Tensor& parameter : parameters) parameter.unsafeGetTensorImpl()->bump_version();
}

// Where the programs compute.
c10::Device DeviceOf(const TrainingPlan& plan) {
  const c10::Device device =
      plan.programs.empty() ? c10::Device(c10::kCPU) : plan.programs.front().program->arena()->device();
  for (const RunProgram& run : plan.programs) {
    if (run.program->arena()->device() != device)
      throw std::invalid_argument("expected programs on one device, got some on " + device.str() +
                                  " and some on " + run.program->arena()->device().str());
  }
  return device;
}

void CarryOut(const TrainingPlan& plan, RunControl& control, ResidentState& state, TrainingResult& result) {
  const c10::Device device = DeviceOf(plan);
  result.losses = plan.losses;
  result.points = plan.points;
  // Sums of several batches' gradients are not kept on a device without waiting for it.
  const bool is_plain = device.is_cpu() && !state.options().is_forced;
  if (is_plain || plan.sums) return TrainingRun(plan, control, result).Run();
  const c10::DeviceGuard on_device(device);
  state.LetGo();
  const auto run = plan.optimizer ? RunResident : RunResidentPass;
  run(plan, device, control, state, result);
}

}  // namespace

TrainingResult RunPlan(const TrainingPlan& plan, RunControl& control, ResidentState& state) {
  const at::NoGradGuard no_grad;
  // Past autograd and its counting of changes, which takes longer than small kernels.
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  TrainingResult result;
  try {
    CarryOut(plan, control, state, result);
  } catch (const c10::Error& error) {
    result.error = error.what_without_backtrace();
  } catch (const std::exception& error) {
    result.error = error.what();
  } catch (...) {
    result.error = "unknown native exception";
  }
  if (plan.optimizer) NoteChanges(plan.optimizer->parameters());
  return result;
}

}  // namespace snorkel_torch
