// Where in one block of memory each piece lies: pieces that are not in use at the same time share their
// place.
#pragma once

#include <cstddef>
#include <vector>

namespace snorkel_torch {

/// The alignment of LibTorch's own allocator on the CPU, in bytes: kernels round by it.
inline constexpr size_t kAlignment = 64;

inline size_t Align(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

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

/// Places the largest pieces first, each at the lowest offset that is free while it is in use.
MemoryPlan PlanMemory(const std::vector<MemoryPiece>& pieces);

}  // namespace snorkel_torch
