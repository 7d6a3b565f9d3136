#include "native/torch/optim/rule.h"

#include <ATen/ops/_foreach_add.h>

namespace snorkel_torch {

void CountSteps(const std::vector<at::Tensor>& steps) {
  if (steps.empty()) return;
  if (!steps.front().is_cpu()) return at::_foreach_add_(steps, 1);
  for (const at::Tensor& step : steps) *step.mutable_data_ptr<float>() += 1;
}

double StepOf(const at::Tensor& step) {
  return step.is_cpu() ? *step.const_data_ptr<float>() : step.item<float>();
}

}  // namespace snorkel_torch
