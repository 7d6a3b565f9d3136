// The steps of one program with its update, as work for the device alone: nothing in them waits for it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "native/engine/device_inputs.h"
#include "native/engine/finite_watch.h"
#include "native/engine/program.h"
#include "native/engine/step_graph.h"
#include "native/engine/step_tables.h"
#include "native/torch/optim/optimizer.h"

namespace snorkel_torch {

/// The steps of a program in a run, a row of each for every step.
struct ResidentRows {
  std::vector<int32_t> positions;
  std::vector<float> rates;
  int64_t steps = 0;
};

class ResidentStep {
 public:
  /// The optimizer must outlive the runs.
  ResidentStep(std::shared_ptr<Program> program, Optimizer& optimizer, double grad_clip, FiniteWatch& watch,
               int64_t rates);

  DeviceInputs& inputs() { return inputs_; }
  const std::shared_ptr<Program>& program() const { return program_; }
  bool IsFor(const Optimizer& optimizer, double grad_clip) const;

  /// Begins a run, whose datasets the inputs have.
  void Begin(const ResidentRows& rows);

  /// Whether the next step makes the state of parameters. It has to be waited for.
  bool IsFirst();

  /// Launches the next step, as a graph if there is an API and its kernels have run before.
  /// @param rates of its groups, for rules whose kernels take them from the host
  /// @param number of the step, for the journal
  /// @returns why it could not become a graph, the first time that it could not
  std::optional<std::string> Launch(const CudaGraphApi* api, const std::vector<double>& rates, size_t number,
                                    ScalarJournal& journal);

  /// The same for a first step, without its update: to be called if all was finite.
  void LaunchFirst();
  void UpdateFirst(const std::vector<double>& rates);

  /// What the first steps of the run have left: their losses; then, if asked for, the largest element of each
  /// gradient.
  std::vector<double> Read(int64_t steps, bool with_gradients) const;
  size_t losses() const { return program_->outputs().size(); }
  /// By gradient that `Read` gives: whose it is, of the optimizer's parameters.
  const std::vector<size_t>& owners() const { return owners_; }

 private:
  /// What a graph is valid for.
  struct GraphKey {
    const void* arena;
    const void* tables;
    std::vector<const void*> places;
    bool has_update;
    bool operator==(const GraphKey&) const = default;
  };

  void Collect();
  void FindDivisor();
  void Compute();
  GraphKey KeyNow() const;

  std::shared_ptr<Program> program_;
  Optimizer& optimizer_;
  double grad_clip_;
  FiniteWatch& watch_;
  DeviceInputs inputs_;
  std::vector<at::Tensor> gradients_;  // by parameter; undefined where there is none
  std::vector<at::Tensor> ordered_;    // those that there are
  std::vector<size_t> owners_;         // of gradients with elements
  at::Tensor row_;                     // which all gradients lie in; undefined if none
  StepTables tables_;
  uint64_t revision_;  // of the optimizer
  DeviceUpdate update_;
  at::Tensor least_divisor_;  // for a norm of 0, before it is 1
  std::vector<Bucket> buckets_;
  bool is_first_ = false;
  bool is_on_device_ = false;
  bool has_run_ = false;
  bool has_failed_ = false;  // to become a graph
  std::optional<StepGraph> graph_;
  GraphKey key_{};
};

}  // namespace snorkel_torch
