// Many steps in a row, by programs: what happens between two triggers of a training.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "native/engine/gather.h"
#include "native/engine/gradient_sums.h"
#include "native/engine/program.h"
#include "native/torch/optim/optimizer.h"

namespace snorkel_torch {

struct RunProgram {
  std::shared_ptr<Program> program;
  std::vector<InputSource> sources;  // by input; none if its steps are given tensors
  std::vector<size_t> sums;          // by output: which running sum it adds to
};

/// Holds all that a run uses, so that nobody can free it.
struct TrainingPlan {
  std::vector<RunProgram> programs;
  std::vector<int32_t> steps;                  // the program of each
  std::vector<int32_t> positions;              // of all steps' examples
  std::vector<int32_t> starts;                 // by step, where its positions start; and their end
  std::vector<std::vector<at::Tensor>> given;  // by step, where its program has no sources
  std::vector<double> counts;                  // of all steps' outputs: over how many points they are means
  std::vector<double> losses;                  // by running sum: what the sums of loss times count go on from
  std::vector<double> points;                  // by running sum, of counts
  Optimizer* optimizer = nullptr;              // null for predictions; must outlive the run
  double grad_clip = 0;                        // the largest total norm; 0 for no clipping
  std::vector<std::vector<double>> rates;      // by parameter group and step
  GradientSums* sums = nullptr;                // of batches that share an update; must outlive the run
  std::vector<int32_t> updates;                // with sums, by step: whether the parameters are updated
  /// For predictions, by program and output: whose rows the outputs become.
  std::vector<std::vector<at::Tensor>> destinations;

  std::span<const int32_t> PositionsOf(size_t step) const {
    return {positions.data() + starts[step], positions.data() + starts[step + 1]};
  }
};

/// What other threads see of a run, and do to it.
struct RunControl {
  std::atomic<int64_t> steps_done = 0;
  std::atomic<bool> is_aborted = false;
};

struct BadLoss {
  size_t output;
  double value;
};

/// Why a run ended before its plan did: nothing of the step after the last was applied.
struct TrainingResult {
  int64_t steps_done = 0;
  std::vector<double> losses;  // by running sum, of loss times count
  std::vector<double> points;  // by running sum, of counts
  std::optional<BadLoss> bad_loss;
  std::optional<size_t> bad_gradient;  // of the optimizer's parameters
  std::optional<std::string> error;
  std::optional<std::string> warning;  // why steps did not become graphs
  bool is_aborted = false;
};

class ResidentState;

/// Carries out a plan: on the CPU step by step, on a device without waiting for each. No exception leaves it.
TrainingResult RunPlan(const TrainingPlan& plan, RunControl& control, ResidentState& state);

}  // namespace snorkel_torch
