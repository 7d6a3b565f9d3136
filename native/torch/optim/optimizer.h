// An optimizer: groups of parameters, the state that their rules keep for each, and the update of those that
// have a gradient.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/_foreach_copy.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "native/torch/optim/rule.h"
#include "native/torch/optim/scalar_journal.h"

namespace snorkel_torch {

/// The state entry that holds the float32 copy of a parameter.
inline constexpr const char* kMasterName = "master_param";

/// How errors call a parameter, by its place among all of an optimizer.
inline std::string PlaceOf(size_t parameter) { return "parameters[" + std::to_string(parameter) + "]"; }

struct OptimizerOptions {
  /// Fused kernels where the tensors allow it; else PyTorch's own sequence of operators.
  bool is_fused;
  /// Update float32 copies of 16-bit parameters, and round these to them.
  bool has_masters;
};

class Optimizer {
 public:
  /// What is kept for one parameter, by PyTorch's names; empty before its first gradient.
  using State = std::vector<std::pair<std::string, at::Tensor>>;

  explicit Optimizer(const OptimizerOptions& options) : options_(options), revision_(NextRevision()) {}

  /// Another number for every optimizer, and after every change of its groups, rules or loaded state.
  uint64_t revision() const { return revision_; }

  /// @throws std::invalid_argument unless the parameters are leaves of a floating dtype, distinct from one
  /// another and from those of other groups; then nothing is added.
  void AddGroup(std::vector<at::Tensor> parameters, std::unique_ptr<Rule> rule);

  /// Gives a group another rule of the same kind. What it does not keep is dropped from the state.
  /// @throws std::invalid_argument if it keeps something that a parameter's state lacks; then nothing
  /// changes.
  void SetRule(size_t group, std::unique_ptr<Rule> rule);

  bool is_fused() const { return options_.is_fused; }

  /// The parameters of all groups in their order.
  const std::vector<at::Tensor>& parameters() const { return parameters_; }

  /// Sets the order in which gradients are taken into their norm, which depends on it in its last bit.
  /// @throws std::invalid_argument unless these are the parameters, each once.
  void SetGradientOrder(const std::vector<at::Tensor>& parameters);

  /// The gradient of each parameter; undefined where there is none.
  std::vector<at::Tensor> Gradients() const;

  /// The gradients that there are, of one for each parameter, in the order of `SetGradientOrder`.
  std::vector<at::Tensor> InGradientOrder(const std::vector<at::Tensor>& gradients) const;

  /// The parameters that have a gradient, bundled by kind. A parameter without one is left alone: neither its
  /// state nor its step advances. Changes nothing.
  /// @param gradients of each parameter
  /// @throws std::invalid_argument if a gradient is sparse, or a parameter is not what its gradient or state
  /// was made for.
  std::vector<Bucket> Collect(const std::vector<at::Tensor>& gradients) const;

  /// @throws std::invalid_argument unless there is one rate per group.
  void CheckRates(const std::vector<double>& rates) const;

  /// Whether the updates of all buckets divide the gradients by a bucket's `grad_scale`.
  bool DividesGradients(const std::vector<Bucket>& buckets) const;

  /// Updates what was collected, each group at its rate; a first gradient makes its parameter's state.
  /// Buckets of no first gradients can be updated again, once their gradients hold other values.
  void Update(std::vector<Bucket>& buckets, const std::vector<double>& rates);

  /// Whether an update of the bucket is work for its device alone, from any rate and step.
  bool IsOnDevice(const Bucket& bucket) const;

  /// Updates those of the buckets whose updates are; the others are left alone.
  void UpdateOnDevice(std::vector<Bucket>& buckets, const DeviceUpdate& update) const;

  /// Updates the others, none of them for the first time, and takes that back on the device where the update
  /// is bad. Scalars on the host have advanced even so: the journal tells how they were before the step.
  void UpdateGuarded(std::vector<Bucket>& buckets, const std::vector<double>& rates,
                     const DeviceUpdate& update, size_t step, ScalarJournal& journal) const;

  /// Sets every gradient to none.
  void ClearGradients();

  /// The state of every parameter: the very tensors, not copies.
  std::vector<State> States() const;

  /// Replaces the rule of every group, and the state of every parameter by copies in the dtype and on the
  /// device that it is kept in.
  /// @throws std::invalid_argument naming the parameter and the entry that does not fit; then nothing is
  /// replaced.
  void LoadState(std::vector<std::unique_ptr<Rule>> rules, const std::vector<State>& states);

 private:
  struct Group {
    std::unique_ptr<Rule> rule;
    size_t begin, end;  // in the list of parameters
  };
  struct Kept {
    at::Tensor master;  // where the parameter has one; made with the state
    std::vector<at::Tensor>
        entries;  // in the order of the rule's state entries; empty before the first gradient
  };

  bool HasMaster(const at::Tensor& parameter) const;
  at::Tensor MakeMaster(const at::Tensor& parameter) const;
  at::Tensor MakeEntry(const Rule& rule, const StateEntry& entry, const at::Tensor& parameter) const;
  Kept LoadKept(const Rule& rule, size_t parameter, const State& state) const;
  void CheckTensor(size_t parameter, const char* what, const at::Tensor& tensor, at::ScalarType dtype) const;
  void CheckScalar(size_t parameter, const std::string& name, const at::Tensor& tensor) const;
  void MakeState(Bucket& bucket);
  bool IsFused(const Bucket& bucket) const { return options_.is_fused && bucket.is_aligned; }
  void UpdateBucket(Bucket& bucket, double rate) const;
  template <typename Change>
  void WithMasters(Bucket& bucket, Change change) const;
  static uint64_t NextRevision();

  OptimizerOptions options_;
  uint64_t revision_;
  std::vector<at::Tensor> parameters_;
  std::vector<Group> groups_;
  std::vector<Kept> states_;            // by parameter
  std::vector<size_t> gradient_order_;  // of parameters; empty for theirs
};

/// Calls `change` with the bucket, or where its parameters have masters with those, which are then rounded.
template <typename Change>
void Optimizer::WithMasters(Bucket& bucket, Change change) const {
  if (!HasMaster(bucket.parameters.front())) return change(bucket);
  Bucket masters = bucket;
  for (size_t k = 0; k < masters.indices.size(); k++) {
    masters.parameters[k] = states_[masters.indices[k]].master;
    masters.gradients[k] = masters.gradients[k].to(at::kFloat);
  }
  change(masters);
  at::_foreach_copy_(bucket.parameters, masters.parameters);
}

}  // namespace snorkel_torch
