// A plan carried out without waiting for the device in each step: losses, and whether they are finite, are
// read once at the end.
#pragma once

#include "native/engine/resident_state.h"
#include "native/engine/training_run.h"

namespace snorkel_torch {

/// Trains. Steps from the first on whose losses or gradients are not finite have changed nothing.
void RunResident(const TrainingPlan& plan, c10::Device device, RunControl& control, ResidentState& state,
                 TrainingResult& result);

/// Predicts.
void RunResidentPass(const TrainingPlan& plan, c10::Device device, RunControl& control, ResidentState& state,
                     TrainingResult& result);

}  // namespace snorkel_torch
