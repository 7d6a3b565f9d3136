// What an optimizer does to tensors. One rule per algorithm; none knows of JavaScript, of gradients that are
// missing, of tensors of different kinds, or of master weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "native/torch/optim/device_update.h"

namespace snorkel_torch {

/// Parameters that are updated together: of one group, device and dtype. Every list has one entry per
/// parameter.
struct Bucket {
  size_t group;
  /// This is their first gradient: they have no state yet, or a fresh one.
  bool is_first;
  /// Each parameter, its gradient and its state lie alike and without gaps: a kernel may walk the raw memory.
  bool is_aligned;
  std::vector<size_t> indices;  // in the optimizer's list of parameters
  std::vector<at::Tensor> parameters;
  std::vector<at::Tensor> gradients;
  std::vector<std::vector<at::Tensor>> state;  // one list per entry of the rule's state
  /// What the gradients are to be divided by first, a float32 scalar; none for what they are.
  std::optional<at::Tensor> grad_scale = std::nullopt;
};

/// What is kept for a parameter under one of PyTorch's names: a tensor like it, or a float32 scalar.
struct StateEntry {
  std::string name;
  bool is_scalar = false;
  double initial = 0;
};

class Rule {
 public:
  virtual ~Rule() = default;

  virtual const std::vector<StateEntry>& StateEntries() const = 0;

  /// Whether its fused kernel reads the scalars where the parameter is; else they lie on the CPU.
  virtual bool KeepsScalarsWithParameters() const { return false; }

  /// One update by fused kernels. The bucket is aligned.
  virtual void UpdateFused(Bucket& bucket, double rate) const = 0;

  /// One update by PyTorch's own sequence of operators, bit for bit: the one that Python takes by default on
  /// the CPU.
  virtual void UpdateForeach(Bucket& bucket, double rate) const = 0;

  /// Whether LibTorch has a fused kernel for the bucket: one that divides gradients by `grad_scale`, which
  /// the others ignore, and can read rate and step where the bucket is, and whether to change anything at
  /// all.
  virtual bool HasFusedKernel(const Bucket&) const { return false; }

  /// One update by that kernel. The bucket is aligned and not the first.
  virtual void UpdateOnDevice(Bucket& bucket, const DeviceUpdate& update) const;
};

/// The entry that counts a parameter's updates.
inline StateEntry StepEntry() { return {"step", true, 0}; }

/// A tensor that may be undefined, as operators take it.
inline std::optional<at::Tensor> OrNone(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

/// Adds 1 to every step.
void CountSteps(at::TensorList steps);

/// The value of a scalar entry. Reads the device where it lies on one.
double ReadScalar(const at::Tensor& scalar);

}  // namespace snorkel_torch
