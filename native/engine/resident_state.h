// What a training thread keeps from run to run for steps that do not wait for their device.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>

#include "native/engine/finite_watch.h"
#include "native/engine/resident_data.h"
#include "native/engine/resident_step.h"

namespace snorkel_torch {

struct ResidentOptions {
  /// How many bytes the datasets may take that are copied to the device; none for a quarter of what is free.
  std::optional<size_t> data_bytes;
  /// Whether steps become CUDA graphs where they can.
  bool has_graphs = true;
  /// Runs on the CPU as on a device. For tests.
  bool is_forced = false;
  /// Makes it an error to wait for the device within a step. For tests.
  bool forbids_waiting = false;
};

class ResidentState {
 public:
  explicit ResidentState(const ResidentOptions& options) : options_(options), data_(options.data_bytes) {}

  const ResidentOptions& options() const { return options_; }
  ResidentData& data() { return data_; }
  FiniteWatch& watch(c10::Device device);

  /// The steps of a program, as long as optimizer and clipping are the same.
  ResidentStep& StepOf(const std::shared_ptr<Program>& program, Optimizer& optimizer, double grad_clip,
                       int64_t rates);

  /// Lets go of programs that nobody else has any more.
  void LetGo();

 private:
  ResidentOptions options_;
  ResidentData data_;
  std::optional<FiniteWatch> watch_;
  std::unordered_map<const Program*, std::unique_ptr<ResidentStep>> steps_;
};

}  // namespace snorkel_torch
