// A step as a straight line of kernels over memory that is planned ahead: what two records of it agree on.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "native/engine/arena.h"
#include "native/engine/instruction.h"
#include "native/engine/memory_plan.h"
#include "native/engine/record.h"

namespace snorkel_torch {

struct ProgramGradient {
  at::Tensor parameter;
  at::Tensor gradient;
};

class Program {
 public:
  /// @param first,second two records of the same step
  /// @param arena where its intermediate values go; programs that share it must not run at the same time
  /// @throws std::runtime_error if the records differ or cannot be replayed
  Program(const Record& first, const Record& second, std::shared_ptr<Arena> arena);

  /// What the next run reads: tensors to be filled before it.
  const std::vector<at::Tensor>& inputs() const { return inputs_; }

  /// What the last run gave. Valid until another program of the arena runs.
  const std::vector<at::Tensor>& outputs() const { return outputs_; }
  const std::vector<ProgramGradient>& gradients() const { return gradients_; }

  /// All gradients in one row, each at a multiple of the device's alignment, with zeros between them.
  /// Undefined unless they are of one dtype.
  const at::Tensor& flat_gradients() const { return flat_gradients_; }

  /// Every tensor that a run reads or writes, those from outside among them.
  const std::vector<at::Tensor>& tensors() const { return tensors_; }
  const std::shared_ptr<Arena>& arena() const { return arena_; }

  /// Whether a run draws from a generator.
  bool is_random() const { return is_random_; }

  /// Those that a run draws from, without the device's own.
  std::vector<at::Generator> Generators() const;

  /// Computes the outputs and gradients of the inputs. Parameters are read, buffers may be changed.
  /// @throws std::runtime_error if a parameter has other memory than when the step was recorded
  void Run();

  /// @throws std::runtime_error if a parameter has other memory than when the step was recorded
  void CheckOutside() const;

  /// One line per instruction, and what was left out.
  std::string ToString() const;

 private:
  class Builder;

  /// A storage in the arena.
  struct Place {
    c10::Storage storage;
    size_t offset;
  };
  void MoveToArena();
  void ClearGaps();

  /// A tensor that is not the program's own, and the memory that it had, which its views still have, and how
  /// it lay there: kernels do not look again.
  struct OutsideTensor {
    explicit OutsideTensor(at::Tensor of);
    bool IsAsBefore() const;

    at::Tensor tensor;
    c10::StorageImpl* storage;
    std::vector<int64_t> sizes;
    std::vector<int64_t> strides;
    int64_t offset;
  };

  std::shared_ptr<Arena> arena_;
  char* arena_data_ = nullptr;  // where the places point now
  size_t arena_bytes_ = 0;
  std::vector<Place> places_;
  std::vector<OutsideTensor> outside_;
  std::vector<at::Tensor> tensors_;
  std::vector<Instruction> instructions_;
  std::vector<at::Tensor> inputs_;
  std::vector<at::Tensor> outputs_;
  std::vector<ProgramGradient> gradients_;
  at::Tensor flat_gradients_;
  /// Between flat gradients, in bytes from their start: where other programs of the arena leave something.
  std::vector<std::pair<size_t, size_t>> gaps_;
  torch::jit::Stack stack_;
  bool is_random_ = false;
  std::string text_;
};

}  // namespace snorkel_torch
