#include "native/engine/resident_data.h"

#include <ATen/ATen.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <limits>

#include "native/engine/record.h"

namespace snorkel_torch {
namespace {

constexpr size_t kShareOfFreeMemory = 4;

}  // namespace

at::Tensor ResidentData::Find(const at::Tensor& tensor, c10::Device device) {
  if (tensor.device() == device && !device.is_cpu()) return tensor;
  const at::Tensor known = FindCopy(tensor, device);
  if (known.defined()) return known;
  LetGo();
  if (bytes_ + tensor.nbytes() > Limit(device)) return {};
  return MakeCopy(tensor, device, tensor.nbytes());
}

at::Tensor ResidentData::FindOnHost(const at::Tensor& tensor) {
  const at::Tensor known = FindCopy(tensor, c10::kCPU);
  if (known.defined()) return known;
  LetGo();
  return MakeCopy(tensor, c10::kCPU, 0);
}

at::Tensor ResidentData::FindCopy(const at::Tensor& tensor, c10::Device device) {
  for (Copy& known : copies_) {
    const bool is_of = known.tensor._unsafe_get_target() == tensor.unsafeGetTensorImpl();
    const bool is_like = known.copy.device() == device && known.copy.sizes() == tensor.sizes() &&
                         known.copy.scalar_type() == tensor.scalar_type();
    if (!is_of || !is_like) continue;
    if (known.version != VersionOf(tensor)) known.copy.copy_(tensor);
    known.version = VersionOf(tensor);
    return known.copy;
  }
  return {};
}

at::Tensor ResidentData::MakeCopy(const at::Tensor& tensor, c10::Device device, size_t counted_bytes) {
  const at::Tensor copy = at::empty(tensor.sizes(), tensor.options().device(device)).copy_(tensor);
  copies_.push_back(
      {decltype(Copy::tensor)(tensor.getIntrusivePtr()), VersionOf(tensor), copy, counted_bytes});
  bytes_ += counted_bytes;
  return copy;
}

// Of tensors that are no more.
void ResidentData::LetGo() {
  std::erase_if(copies_, [&](const Copy& known) {
    if (!known.tensor.expired()) return false;
    bytes_ -= known.counted_bytes;
    return true;
  });
}

size_t ResidentData::Limit(c10::Device device) {
  if (!limit_ && device.is_cpu()) return std::numeric_limits<size_t>::max();
  if (!limit_)
    limit_ = c10::getDeviceAllocator(device.type())->getMemoryInfo(device.index()).first / kShareOfFreeMemory;
  return *limit_;
}

}  // namespace snorkel_torch
