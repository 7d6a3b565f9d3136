// An optimizer: parameters, the state that a rule keeps for each, and the update of those that have a
// gradient.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "native/boundary/guard.h"
#include "native/boundary/handle.h"
#include "native/torch/optim/rule.h"

namespace snorkel_torch {

/// "fused" kernels where the tensors allow it, or "foreach": PyTorch's own sequence of operators.
enum class Implementation { kFused, kForeach };

class Optimizer {
 public:
  /// What is kept for one parameter, by PyTorch's names; empty before its first gradient.
  using State = std::vector<std::pair<std::string, at::Tensor>>;

  /// @throws std::invalid_argument unless the parameters are distinct leaves of a floating dtype, at least
  /// one.
  Optimizer(std::vector<at::Tensor> parameters, std::unique_ptr<Rule> rule, Implementation implementation);

  const std::vector<at::Tensor>& parameters() const { return parameters_; }

  /// The parameters that have a gradient, bundled by kind. A parameter without one is left alone: neither its
  /// state nor its step advances. Changes nothing.
  /// @throws std::invalid_argument if a gradient is sparse, or a parameter is not what its gradient or state
  /// was made for.
  std::vector<Bucket> Collect() const;

  /// Updates what was collected; a first gradient makes its parameter's state.
  void Update(std::vector<Bucket> buckets, double rate);

  /// Sets every gradient to none.
  void ClearGradients();

  /// The state of every parameter: the very tensors, not copies.
  std::vector<State> States() const;

  /// Replaces the rule, and the state of every parameter by copies in the parameter's dtype and on its
  /// device.
  /// @throws std::invalid_argument naming the parameter and the entry that does not fit; then nothing is
  /// replaced.
  void LoadState(std::unique_ptr<Rule> rule, const std::vector<State>& states);

 private:
  at::Tensor MakeEntry(const std::string& name, const at::Tensor& parameter) const;
  void CheckTensor(size_t parameter, const std::string& what, const at::Tensor& tensor) const;

  std::vector<at::Tensor> parameters_;
  std::unique_ptr<Rule> rule_;
  Implementation implementation_;
  std::vector<std::vector<at::Tensor>> states_;  // by parameter, then in the order of the rule's names
};

template <>
struct HandleType<Optimizer> {
  static constexpr napi_type_tag tag = {0x9b1e64c07f3a4d52ULL, 0xa27c51f86d0e4b93ULL};
  static constexpr const char* name = "optimizer";
};

void InitOptimizer(Napi::Object exports);

}  // namespace snorkel_torch
