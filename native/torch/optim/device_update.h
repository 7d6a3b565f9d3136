// An update that the host does not wait for: what it depends on lies where the parameters do.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace snorkel_torch {

/// All are float32 scalars.
struct DeviceUpdate {
  std::vector<at::Tensor> rates;  // by parameter group
  at::Tensor divisor;             // of the gradients; undefined for 1
  at::Tensor is_good;             // 1, or 0 if nothing may change
  at::Tensor is_bad;              // 1 - is_good
};

}  // namespace snorkel_torch
