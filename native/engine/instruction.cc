#include "native/engine/instruction.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace snorkel_torch {
namespace {

void Take(const at::Tensor& result, const at::Tensor& tensor, const std::string& name) {
  const bool fits = result.sizes() == tensor.sizes() && result.strides() == tensor.strides() &&
                    result.scalar_type() == tensor.scalar_type();
  if (!fits) {
    throw std::runtime_error(c10::str("expected a result of the shape ", tensor.sizes(), " as before, got ",
                                      result.sizes(), " from ", name,
                                      ". Its shape must not depend on values"));
  }
  c10::StorageImpl* from = result.storage().unsafeGetStorageImpl();
  c10::StorageImpl* to = tensor.storage().unsafeGetStorageImpl();
  if (from == to) return;
  // The kernel may keep what it returned, or have returned a part of something larger.
  const bool is_ours = result.use_count() == 1 && result.storage().use_count() == 1 &&
                       result.storage_offset() == tensor.storage_offset() && from->nbytes() == to->nbytes();
  if (is_ours) {
    to->set_data_ptr_noswap(from->set_data_ptr(c10::DataPtr(nullptr, from->device())));
  } else {
    if (to->data() == nullptr)
      to->set_data_ptr_noswap(c10::GetAllocator(to->device_type())->allocate(to->nbytes()));
    tensor.copy_(result);
  }
}

}  // namespace

void Instruction::Prepare() {
  if (!guard) direct = MakeDirectCall(op, keys, arguments);
}

void Instruction::Run(torch::jit::Stack& stack) const {
  if (guard) return guard(arguments);
  stack.clear();  // of what a call that failed has left
  if (direct) {
    direct->Run(stack);
  } else {
    stack.assign(arguments.begin(), arguments.end());
    op.redispatchBoxed(keys, &stack);
  }
  for (const TakenResult& result : taken) {
    if (result.is_in_list) {
      std::vector<at::Tensor> list = stack[result.place].toTensorVector();
      Take(list[result.element], result.tensor, Name());
    } else {
      at::Tensor tensor = std::move(stack[result.place]).toTensor();
      Take(tensor, result.tensor, Name());
    }
  }
  stack.clear();
}

InstructionContext::InstructionContext()
    : keys_before_(c10::impl::tls_local_dispatch_key_set()),
      was_grad_enabled_(at::GradMode::is_enabled()),
      keys_(keys_before_),
      is_grad_enabled_(was_grad_enabled_) {}

InstructionContext::~InstructionContext() {
  c10::impl::_force_tls_local_dispatch_key_set(keys_before_);
  at::GradMode::set_enabled(was_grad_enabled_);
}

void InstructionContext::Enter(const Instruction& instruction) {
  const c10::impl::LocalDispatchKeySet& keys = instruction.local_keys;
  if (!(keys.included_ == keys_.included_) || !(keys.excluded_ == keys_.excluded_)) {
    c10::impl::_force_tls_local_dispatch_key_set(keys);
    keys_ = keys;
  }
  if (instruction.is_grad_enabled != is_grad_enabled_) {
    at::GradMode::set_enabled(instruction.is_grad_enabled);
    is_grad_enabled_ = instruction.is_grad_enabled;
  }
}

}  // namespace snorkel_torch
