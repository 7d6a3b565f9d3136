// What an optimizer's scalars on the host were before each step, for steps that turn out not to have been
// made.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

namespace snorkel_torch {

class ScalarJournal {
 public:
  /// Notes the value of a float32 scalar on the CPU before a step changes it.
  void Note(size_t step, const at::Tensor& scalar);

  /// Gives all scalars the values from before the step.
  void Rewind(size_t step);

 private:
  struct Entry {
    size_t step;
    at::Tensor scalar;
    float value;
  };
  std::vector<Entry> entries_;  // in the order of steps
};

}  // namespace snorkel_torch
