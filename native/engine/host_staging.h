// Batches on their way from the host to a device: one is gathered while the one before is still being copied.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

#include <array>
#include <optional>
#include <span>

#include "native/engine/gather.h"

namespace snorkel_torch {

class HostStaging {
 public:
  explicit HostStaging(const at::Tensor& input);

  /// Fills the input with the examples at the positions. Waits for the copy before the last, not for this
  /// one.
  void Fill(const InputSource& source, std::span<const int32_t> positions);

 private:
  struct Buffer {
    at::Tensor batch;
    std::optional<c10::Event> is_copied;
  };

  at::Tensor input_;
  std::array<Buffer, 2> buffers_;
  size_t next_ = 0;
};

}  // namespace snorkel_torch
