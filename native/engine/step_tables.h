// What the steps of one program need in a run and leave behind, on the device: a row for each step, and which
// one comes next. So the same device work does one step after another, with nothing from the host.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace snorkel_torch {

class StepTables {
 public:
  /// @param batch_size how many positions a step has; 0 if it gathers nothing on the device
  /// @param rates how many rates a step has
  /// @param values how many numbers a step leaves, and of which dtype
  StepTables(c10::Device device, int64_t batch_size, int64_t rates, int64_t values, at::ScalarType dtype);

  /// Begins a run: a row of each for every step, one after the other. The memory moves if there are more than
  /// ever before.
  void Begin(const std::vector<int32_t>& positions, const std::vector<float>& rates, int64_t steps);

  /// Device work: brings what this step needs into `positions` and `rates`.
  void Select();
  /// Device work: keeps what the step leaves, of `dtype`, and goes on to the next.
  void Keep(const at::Tensor& values);

  /// Of the selected step: int32 [batch_size], and float32 scalars.
  const at::Tensor& positions() const { return positions_; }
  const std::vector<at::Tensor>& rates() const { return rates_; }

  at::ScalarType dtype() const { return dtype_; }

  /// What the first steps have left, the first numbers of each. Waits for the device.
  std::vector<double> Read(int64_t steps, int64_t values) const;

  /// Changes when the memory has moved.
  const void* place() const { return all_kept_.defined() ? all_kept_.const_data_ptr() : nullptr; }

 private:
  int64_t batch_size_;
  int64_t values_;
  at::ScalarType dtype_;
  at::Tensor next_;        // int64 [1]
  at::Tensor all_needed_;  // int32 [capacity, batch_size + rates]: the bits of the rates, so that one kernel
                           // selects both
  at::Tensor all_kept_;    // [capacity, values]
  at::Tensor needed_;      // a row of them
  at::Tensor positions_;
  std::vector<at::Tensor> rates_;
};

}  // namespace snorkel_torch
