#include "native/torch/optim/rule.h"

#include <ATen/ops/_foreach_add.h>

#include <stdexcept>

namespace snorkel_torch {

void Rule::UpdateOnDevice(Bucket&, const DeviceUpdate&) const {
  throw std::logic_error("expected a rule that updates on the device");
}

void CountSteps(at::TensorList steps) {
  if (steps.empty()) return;
  if (!steps.front().is_cpu()) return at::_foreach_add_(steps, 1);
  for (const at::Tensor& step : steps) *step.mutable_data_ptr<float>() += 1;
}

double ReadScalar(const at::Tensor& scalar) {
  return scalar.is_cpu() ? *scalar.const_data_ptr<float>() : scalar.item<float>();
}

}  // namespace snorkel_torch
