// Datasets that are copied to a device as a whole, once, so that batches are gathered there.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace snorkel_torch {

class ResidentData {
 public:
  /// @param limit how many bytes all copies may take; none for a quarter of the device's free memory
  explicit ResidentData(std::optional<size_t> limit = std::nullopt) : limit_(limit) {}

  /// A copy of the tensor on the device, made at the first call and again when the tensor has changed; the
  /// tensor itself if it is there already. Undefined if there is no room.
  at::Tensor Find(const at::Tensor& tensor, c10::Device device);

  /// A copy on the host of a tensor on a device, in the same way, without a limit.
  at::Tensor FindOnHost(const at::Tensor& tensor);

 private:
  struct Copy {
    c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl> tensor;
    uint32_t version;
    at::Tensor copy;
    size_t counted_bytes;
  };

  at::Tensor FindCopy(const at::Tensor& tensor, c10::Device device);
  at::Tensor MakeCopy(const at::Tensor& tensor, c10::Device device, size_t counted_bytes);
  void LetGo();
  size_t Limit(c10::Device device);

  std::optional<size_t> limit_;
  size_t bytes_ = 0;  // of the copies that the limit is for
  std::vector<Copy> copies_;
};

}  // namespace snorkel_torch
