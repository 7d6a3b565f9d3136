// Records a step: a kernel on a dispatch key just below autograd sees every operator of its forward and
// backward pass.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/stack.h>
#include <ATen/record_function.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "native/engine/record.h"

namespace snorkel_torch {

class Recorder {
 public:
  /// @param inputs the tensors of the batch
  /// @param persistent parameters and buffers
  Recorder(const std::vector<at::Tensor>& inputs, const std::vector<at::Tensor>& persistent);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// The recorder that is at work on this thread, or null.
  static Recorder* Active();

  /// Breaks the recorders of this thread: what autograd saved counts as a constant. For tests, which must
  /// find that.
  static void ForgetSavedTensors(bool on);

  /// Runs `step`, recording what it does.
  template <typename Step>
  void Run(Step step);

  /// The record, once the step has run: what it gave, and the gradients that it left on the parameters.
  Record Finish(const std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& parameters);

  /// Says that the step cannot be replayed. The first reason counts.
  void Refuse(const std::string& reason);

  /// Says which part of its step the active recorder sees next: a refusal names it.
  static void Enter(std::string part);

  /// To be called where something happens that is no operator: the step that is being recorded, if there is
  /// one, cannot be replayed.
  static void NoteEffect(const char* what);

  /// To be called where arguments are checked, before the operator is: the check becomes a part of the
  /// program.
  static void NoteGuard(const c10::OperatorHandle& op, ArgumentGuard guard, const torch::jit::Stack& stack);

 private:
  class Activation;

  static void Kernel(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack);
  static void Install();

  void RecordCall(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack);
  std::vector<RecordedValue> ReadValues(const c10::OperatorHandle& op, const c10::IValue* values,
                                        size_t count, Origin origin);
  std::optional<size_t> NumberOf(const at::Tensor& tensor, Origin origin);
  size_t StorageOf(const at::Tensor& tensor, Origin origin);
  bool IsUnmoved(const c10::TensorImpl& impl, size_t number) const;
  void CheckUnmoved();
  bool FollowView(const at::Tensor& tensor);

  Record record_;
  std::string part_;
  // Weak, for the reason for which the memory of storages is.
  struct Seen {
    size_t number;
    c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl> tensor;
  };
  std::unordered_map<const void*, Seen> seen_;
  std::unordered_map<const void*, size_t> by_storage_;
  std::vector<std::vector<size_t>> tensors_of_storage_;
  std::unordered_set<const void*> persistent_;  // storages
  std::vector<int64_t> shifts_;                 // by storage: where a field of the batch begins in it
};

/// Makes a recorder see the operators of this thread, and has backward passes run on it: those of a device
/// would run on a thread of autograd's.
class Recorder::Activation {
 public:
  explicit Activation(Recorder& recorder);
  ~Activation();

 private:
  c10::impl::IncludeDispatchKeyGuard include_;
  at::CallbackHandle watch_;
  bool was_multithreaded_;
};

template <typename Step>
void Recorder::Run(Step step) {
  const Activation activation(*this);
  step();
}

/// Hides what this thread does from the recorder, if there is one: tensors made from numbers of JavaScript
/// are constants of a step.
class WithoutRecorder {
 public:
  WithoutRecorder();

 private:
  c10::impl::ExcludeDispatchKeyGuard exclude_;
};

}  // namespace snorkel_torch
