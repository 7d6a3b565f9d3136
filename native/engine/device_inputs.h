// A program's inputs, filled from datasets: by the device from what lies there, else by the host.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "native/engine/gather.h"
#include "native/engine/host_staging.h"
#include "native/engine/program.h"
#include "native/engine/resident_data.h"

namespace snorkel_torch {

class DeviceInputs {
 public:
  explicit DeviceInputs(const Program& program) : inputs_(program.inputs()) {}

  /// Takes the datasets of a run: a source for each input, or none at all if its tensors are given.
  void Begin(const std::vector<InputSource>& sources, ResidentData& data);

  /// Whether the device fills some of them.
  bool are_on_device() const { return !on_device_.empty(); }

  /// @throws std::out_of_range for a position that is not in the datasets on the device, which would not say
  /// so.
  void Check(std::span<const int32_t> positions) const;

  void FillFromHost(std::span<const int32_t> positions);

  /// Device work.
  void FillFromDevice(const at::Tensor& positions) const;

  /// Where the datasets on the device lie.
  std::vector<const void*> places() const;

 private:
  std::vector<at::Tensor> inputs_;
  std::vector<InputSource> sources_;
  std::map<size_t, at::Tensor> on_device_;  // by input: its examples
  std::map<size_t, HostStaging> staging_;   // by input
};

}  // namespace snorkel_torch
