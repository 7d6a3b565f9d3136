#include "native/engine/arena.h"

#include <utility>

namespace snorkel_torch {

void Arena::Reserve(size_t bytes) {
  if (bytes <= bytes_) return;
  memory_.clear();
  bytes_ = 0;
  memory_ = c10::GetAllocator(device_.type())->allocate(bytes);
  bytes_ = bytes;
}

}  // namespace snorkel_torch
