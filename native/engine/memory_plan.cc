#include "native/engine/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace snorkel_torch {

MemoryPlan PlanMemory(const std::vector<MemoryPiece>& pieces, size_t alignment) {
  std::vector<size_t> order(pieces.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return pieces[a].bytes > pieces[b].bytes; });
  MemoryPlan plan{std::vector<size_t>(pieces.size()), 0};
  std::vector<size_t> placed;  // by offset
  for (const size_t i : order) {
    const MemoryPiece& piece = pieces[i];
    size_t offset = 0;
    for (const size_t other : placed) {
      const bool is_apart = pieces[other].last < piece.first || piece.last < pieces[other].first;
      if (is_apart) continue;
      if (plan.offsets[other] >= offset + Align(piece.bytes, alignment)) break;
      offset = std::max(offset, plan.offsets[other] + Align(pieces[other].bytes, alignment));
    }
    plan.offsets[i] = offset;
    plan.bytes = std::max(plan.bytes, offset + Align(piece.bytes, alignment));
    const auto by_offset = [&](size_t a, size_t b) { return plan.offsets[a] < plan.offsets[b]; };
    placed.insert(std::upper_bound(placed.begin(), placed.end(), i, by_offset), i);
  }
  return plan;
}

}  // namespace snorkel_torch
