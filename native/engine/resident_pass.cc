// Predictions that do not wait for the device.
#include <ATen/ATen.h>

#include <span>

#include "native/engine/launch_window.h"
#include "native/engine/program_handle.h"
#include "native/engine/resident_run.h"

namespace snorkel_torch {

void RunResidentPass(const TrainingPlan& plan, c10::Device device, RunControl& control, ResidentState& state,
                     TrainingResult& result) {
  std::vector<DeviceInputs> inputs;
  for (const RunProgram& run : plan.programs) {
    inputs.emplace_back(*run.program);
    inputs.back().Begin(run.sources, state.data());
  }
  const auto count = static_cast<int64_t>(plan.positions.size());
  const at::Tensor all_positions =
      at::from_blob(const_cast<int32_t*>(plan.positions.data()), {count}, at::TensorOptions(at::kInt))
          .to(at::TensorOptions(at::kInt).device(device), /*non_blocking=*/false, /*copy=*/true);
  LaunchWindow window(device);
  for (size_t step = 0; step < plan.steps.size(); step++) {
    if (control.is_aborted) {
      result.is_aborted = true;
      return;
    }
    const size_t index = plan.steps[step];
    Program& program = *plan.programs[index].program;
    const int64_t start = plan.starts[step];
    if (plan.programs[index].sources.empty()) {
      FillInputs(program, plan.given[step]);
    } else {
      const std::span<const int32_t> positions(plan.positions.data() + start,
                                               plan.positions.data() + plan.starts[step + 1]);
      inputs[index].Check(positions);
      inputs[index].FillFromHost(positions);
      inputs[index].FillFromDevice(all_positions.narrow(0, start, static_cast<int64_t>(positions.size())));
    }
    program.Run();
    const std::vector<at::Tensor>& outputs = program.outputs();
    for (size_t i = 0; i < outputs.size(); i++) PutRows(outputs[i], plan.destinations[index][i], start);
    window.Launched();
    result.steps_done++;
    control.steps_done = result.steps_done;
  }
}

}  // namespace snorkel_torch
