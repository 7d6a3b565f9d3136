// One pass over the memory of a parameter, its gradient and its state, for algorithms that ATen has no fused
// kernel of.
#pragma once

#include <ATen/Parallel.h>

#include "native/torch/optim/rule.h"

namespace snorkel_torch {

/// The memory of one parameter of an aligned bucket, its gradient and its state.
template <typename T>
class Elements {
 public:
  Elements(const Bucket& bucket, size_t index) : bucket_(bucket), index_(index) {}

  size_t index() const { return index_; }
  T* parameter() const { return bucket_.parameters[index_].mutable_data_ptr<T>(); }
  const T* gradient() const { return bucket_.gradients[index_].const_data_ptr<T>(); }
  T* state(size_t entry) const { return bucket_.state[entry][index_].mutable_data_ptr<T>(); }

  /// Calls `body(i)` for each element.
  template <typename Body>
  void ForEach(Body body) const {
    at::parallel_for(0, bucket_.parameters[index_].numel(), at::internal::GRAIN_SIZE,
                     [&](int64_t begin, int64_t end) {
                       for (int64_t i = begin; i < end; i++) body(i);
                     });
  }

 private:
  const Bucket& bucket_;
  size_t index_;
};

/// Calls `update(Elements<T>)` for each parameter of a bucket in float32 or float64 on the CPU.
/// @returns false, having done nothing, for a bucket of another kind.
template <typename Update>
bool UpdateElements(const Bucket& bucket, Update update) {
  const at::Tensor& like = bucket.parameters.front();
  if (!like.is_cpu()) return false;
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < bucket.parameters.size(); i++) update(Elements<T>(bucket, i));
    return true;
  };
  switch (like.scalar_type()) {
    case at::kFloat: return run(float());
    case at::kDouble: return run(double());
    default: return false;
  }
}

}  // namespace snorkel_torch
