#include "native/engine/resident_state.h"

namespace snorkel_torch {

FiniteWatch& ResidentState::watch(c10::Device device) {
  if (!watch_ || watch_->is_good().device() != device) {
    steps_.clear();  // which have the other's tensors
    watch_.emplace(device);
  }
  return *watch_;
}

ResidentStep& ResidentState::StepOf(const std::shared_ptr<Program>& program, Optimizer& optimizer,
                                    double grad_clip, int64_t rates) {
  FiniteWatch& watch = this->watch(program->arena()->device());
  std::unique_ptr<ResidentStep>& step = steps_[program.get()];
  if (!step || !step->IsFor(optimizer, grad_clip))
    step = std::make_unique<ResidentStep>(program, optimizer, grad_clip, watch, rates);
  return *step;
}

void ResidentState::LetGo() {
  std::erase_if(steps_, [](const auto& entry) { return entry.second->program().use_count() == 1; });
}

}  // namespace snorkel_torch
