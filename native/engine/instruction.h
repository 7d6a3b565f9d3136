// One call of an operator in a program, ready to be made: which kernel, on which tensors, and what becomes of
// its results.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <memory>
#include <string>
#include <vector>

#include "native/engine/direct_call.h"
#include "native/torch/guards.h"

namespace snorkel_torch {

/// A result that the operator makes memory for: the program's tensor takes that memory over.
struct TakenResult {
  size_t place;        // among the results
  size_t element = 0;  // in a list of tensors
  bool is_in_list = false;
  at::Tensor tensor;
};

struct Instruction {
  c10::OperatorHandle op;
  c10::DispatchKeySet keys;
  c10::impl::LocalDispatchKeySet local_keys;
  bool is_grad_enabled;
  ArgumentGuard guard;  // null for a call
  torch::jit::Stack arguments;
  std::vector<TakenResult> taken;
  std::unique_ptr<DirectCall> direct = nullptr;  // null: the call is made boxed

  /// To be called once all is set: takes the shortest way there is to the kernel.
  void Prepare();

  /// Makes the call. `stack` is scratch.
  void Run(torch::jit::Stack& stack) const;

  /// "aten::add.out"
  std::string Name() const { return c10::toString(op.operator_name()); }
};

/// Sets what kernels ask of their thread, and sets it back.
class InstructionContext {
 public:
  InstructionContext();
  ~InstructionContext();
  InstructionContext(const InstructionContext&) = delete;
  InstructionContext& operator=(const InstructionContext&) = delete;

  void Enter(const Instruction& instruction);

 private:
  c10::impl::LocalDispatchKeySet keys_before_;
  bool was_grad_enabled_;
  c10::impl::LocalDispatchKeySet keys_;
  bool is_grad_enabled_;
};

}  // namespace snorkel_torch
