#include "native/engine/read_ahead.h"

#include <ATen/MapAllocator.h>

#ifndef _WIN32
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <variant>

namespace snorkel_torch {
namespace {

// For how many steps reading ahead goes on: while it works, nothing waits.
constexpr int64_t kSteps = 256;

#ifdef _WIN32
void Fetch(const at::Tensor&, int64_t, int64_t) {}
#else
void Fetch(const at::Tensor& tensor, int64_t first, int64_t count) {
  static const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(tensor.const_data_ptr()) + first * tensor.itemsize();
  const uintptr_t start = begin / page * page;
  madvise(reinterpret_cast<void*>(start), begin + count * tensor.itemsize() - start, MADV_WILLNEED);
}
#endif

bool IsMapped(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.is_contiguous() &&
         at::MapAllocator::fromDataPtr(tensor.storage().data_ptr()) != nullptr;
}

void FetchFrom(const RowSource& source, std::span<const int32_t> positions) {
  const at::Tensor& tensor = source.tensor;
  if (tensor.dim() == 0 || tensor.numel() == 0 || !IsMapped(tensor)) return;
  const int64_t size = tensor.numel() / tensor.size(0);
  for (const int32_t position : positions) {
    if (position >= 0 && position < tensor.size(0)) Fetch(tensor, position * size, size);
  }
}

void FetchFrom(const RaggedSource& source, std::span<const int32_t> positions) {
  if (source.part != RaggedSource::Part::kValues || !IsMapped(source.values)) return;
  const std::vector<int32_t>& offsets = *source.offsets;
  for (const int32_t position : positions) {
    if (position < 0 || static_cast<size_t>(position) + 1 >= offsets.size()) continue;
    const int64_t begin = offsets[position], end = offsets[position + 1];
    if (begin >= 0 && begin < end && end <= source.values.size(0)) Fetch(source.values, begin, end - begin);
  }
}

}  // namespace

void ReadAhead(const std::vector<InputSource>& sources, std::span<const int32_t> positions) {
  for (const InputSource& source : sources) {
    std::visit([&](const auto& kind) { FetchFrom(kind, positions); }, source);
  }
}

bool DiskWatch::HasWaited() {
  const int64_t waits = CountWaits();
  if (waits != waits_) steps_left_ = kSteps;
  waits_ = waits;
  if (steps_left_ == 0) return false;
  steps_left_--;
  return true;
}

int64_t DiskWatch::CountWaits() {
#ifdef _WIN32
  return 0;
#else
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_majflt : 0;
#endif
}

}  // namespace snorkel_torch
