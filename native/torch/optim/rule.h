// What an optimizer does to tensors. One rule per algorithm; none knows of JavaScript, of gradients that are
// missing, or of tensors of different kinds.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace snorkel_torch {

/// Parameters that are updated together: of one device and dtype. Every list has one entry per parameter.
struct Bucket {
  /// This is their first gradient: their state is all zeros.
  bool is_first;
  /// Each parameter, its gradient and its state lie alike and without gaps: a kernel may walk the raw memory.
  bool is_aligned;
  std::vector<size_t> indices;  // in the optimizer's list of parameters
  std::vector<at::Tensor> parameters;
  std::vector<at::Tensor> gradients;
  std::vector<std::vector<at::Tensor>> state;  // one list per name of the rule's state
};

class Rule {
 public:
  virtual ~Rule() = default;

  /// PyTorch's names of what is kept for a parameter: "step" is a float32 scalar, every other like the
  /// parameter.
  virtual const std::vector<std::string>& StateNames() const = 0;

  /// One update by fused kernels. The bucket is aligned.
  virtual void UpdateFused(Bucket& bucket, double rate) const = 0;

  /// One update by PyTorch's own sequence of operators, bit for bit.
  virtual void UpdateForeach(Bucket& bucket, double rate) const = 0;
};

/// Adds 1 to every step.
void CountSteps(const std::vector<at::Tensor>& steps);

/// The value of a step. Reads the device where the step lies on one.
double StepOf(const at::Tensor& step);

}  // namespace snorkel_torch
