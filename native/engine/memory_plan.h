// Where in one block of memory each piece lies: pieces that are not in use at the same time share their
// place.
#pragma once

#include <c10/core/Device.h>

#include <cstddef>
#include <vector>

namespace snorkel_torch {

/// The alignment of LibTorch's own allocator on the device, in bytes: kernels are chosen, and round, by it.
inline size_t AlignmentOn(c10::Device device) { return device.is_cpu() ? 64 : 512; }

inline size_t Align(size_t bytes, size_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

/// A piece of memory that is in use from one instruction to another, both included.
struct MemoryPiece {
  size_t bytes;
  size_t first;
  size_t last;
};

struct MemoryPlan {
  std::vector<size_t> offsets;  // by piece
  size_t bytes;
};

/// Places the largest pieces first, each at the lowest offset that is free while it is in use. All begin at
/// multiples of the alignment.
MemoryPlan PlanMemory(const std::vector<MemoryPiece>& pieces, size_t alignment);

}  // namespace snorkel_torch
