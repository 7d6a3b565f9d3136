// Calls of operators by their C++ signatures: what a boxed call would unpack each time is unpacked once.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <c10/core/DispatchKeySet.h>

#include <memory>

namespace snorkel_torch {

class DirectCall {
 public:
  virtual ~DirectCall() = default;

  /// Makes the call. Appends its results to the stack, unless they are arguments of it.
  virtual void Run(torch::jit::Stack& results) = 0;
};

/// The call of the operator with these arguments; null for the many that training steps use rarely.
std::unique_ptr<DirectCall> MakeDirectCall(const c10::OperatorHandle& op, c10::DispatchKeySet keys,
                                           const torch::jit::Stack& arguments);

}  // namespace snorkel_torch
