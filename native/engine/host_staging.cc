#include "native/engine/host_staging.h"

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace snorkel_torch {

HostStaging::HostStaging(const at::Tensor& input) : input_(input) {
  // Only from memory that the system does not move a device copies by itself.
  const auto options = at::TensorOptions(input.scalar_type()).pinned_memory(!input.is_cpu());
  for (Buffer& buffer : buffers_) buffer.batch = at::empty(input.sizes(), options);
}

void HostStaging::Fill(const InputSource& source, std::span<const int32_t> positions) {
  Buffer& buffer = buffers_[next_];
  next_ = (next_ + 1) % buffers_.size();
  if (buffer.is_copied) buffer.is_copied->synchronize();
  Gather(source, positions, buffer.batch);
  input_.copy_(buffer.batch, /*non_blocking=*/true);
  if (input_.is_cpu()) return;
  const c10::Device device = input_.device();
  if (!buffer.is_copied) buffer.is_copied.emplace(device.type());
  buffer.is_copied->record(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
}

}  // namespace snorkel_torch
