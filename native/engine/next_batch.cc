#include "native/engine/next_batch.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_strided.h>
#include <c10/util/thread_name.h>

#include <utility>

namespace snorkel_torch {
namespace {

std::vector<at::Tensor> MakeLike(const std::vector<at::Tensor>& inputs) {
  std::vector<at::Tensor> buffers;
  for (const at::Tensor& input : inputs)
    buffers.push_back(at::empty_strided(input.sizes(), input.strides(), input.options()));
  return buffers;
}

// Views of either keep to their storage, and so have the other memory from now on.
void SwapMemory(const at::Tensor& a, const at::Tensor& b) {
  c10::StorageImpl* const first = a.storage().unsafeGetStorageImpl();
  c10::StorageImpl* const second = b.storage().unsafeGetStorageImpl();
  first->set_data_ptr_noswap(
      second->set_data_ptr(first->set_data_ptr(c10::DataPtr(nullptr, first->device()))));
}

}  // namespace

NextBatch::~NextBatch() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void NextBatch::Start(Program& program, const std::vector<InputSource>& sources,
                      std::span<const int32_t> positions) {
  const auto [buffer, is_new] = buffers_.try_emplace(&program);
  if (is_new) buffer->second = MakeLike(program.inputs());
  if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
  {
    const std::lock_guard lock(mutex_);
    program_ = &program;
    sources_ = &sources;
    positions_ = positions;
    buffer_ = &buffer->second;
    is_asked_ = true;
  }
  changed_.notify_all();
}

void NextBatch::Finish() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !is_asked_; });
  }
  const std::vector<at::Tensor>& inputs = std::exchange(program_, nullptr)->inputs();
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  for (size_t i = 0; i < inputs.size(); i++) SwapMemory(inputs[i], (*buffer_)[i]);
}

void NextBatch::Loop() {
  c10::setThreadName("snorkel-gather");
  const at::NoGradGuard no_grad;
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return is_asked_ || is_stopped_; });
    if (is_stopped_) return;
    lock.unlock();
    try {
      for (size_t i = 0; i < buffer_->size(); i++) Gather((*sources_)[i], positions_, (*buffer_)[i]);
    } catch (...) {
      error_ = std::current_exception();
    }
    lock.lock();
    is_asked_ = false;
    changed_.notify_all();
  }
}

}  // namespace snorkel_torch
