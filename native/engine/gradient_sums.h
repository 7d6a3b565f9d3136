// Gradients of several batches that are applied together: what PyTorch leaves in `grad` between two updates.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace snorkel_torch {

class GradientSums {
 public:
  /// @param parameters whose gradients these are
  explicit GradientSums(std::vector<at::Tensor> parameters);

  /// Adds the gradients of a batch, by parameter; undefined where there is none.
  /// @throws std::invalid_argument for a gradient that does not fit its parameter; then nothing is added.
  void Add(const std::vector<at::Tensor>& gradients);

  /// By parameter; undefined where no batch since the last `Clear` had a gradient.
  const std::vector<at::Tensor>& tensors() const { return sums_; }

  /// Puts other sums in their place.
  /// @throws std::invalid_argument as `Add` does; then they stay.
  void Replace(const std::vector<at::Tensor>& sums);

  void Clear();

 private:
  void Check(const std::vector<at::Tensor>& gradients) const;

  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor>
      memory_;  // where the sums are, made with the first gradient; laid out as parameters
  std::vector<at::Tensor> sums_;
};

}  // namespace snorkel_torch
