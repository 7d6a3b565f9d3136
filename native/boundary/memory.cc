#include "native/boundary/memory.h"

#include <ATen/MapAllocator.h>

namespace snorkel_torch {
namespace {

// On the meta device a tensor has a size, but no memory; a file's pages come and go as the system likes.
bool TakesMemory(const at::Tensor& tensor) {
  return !tensor.is_meta() && at::MapAllocator::fromDataPtr(tensor.storage().data_ptr()) == nullptr;
}

}  // namespace

LiveMemory::StorageKey LiveMemory::Add(const at::Tensor& tensor) {
  tensors_++;
  if (!tensor.has_storage()) return nullptr;
  const StorageKey key = tensor.storage().unsafeGetStorageImpl();
  Storage& storage = storages_[key];
  if (storage.handles++ > 0) return key;
  storage.bytes = TakesMemory(tensor) ? static_cast<int64_t>(tensor.storage().nbytes()) : 0;
  Report(storage.bytes);
  return key;
}

void LiveMemory::Remove(StorageKey key) {
  tensors_--;
  const auto found = storages_.find(key);
  if (found == storages_.end() || --found->second.handles > 0) return;
  Report(-found->second.bytes);
  storages_.erase(found);
}

void LiveMemory::Report(int64_t change) {
  bytes_ += change;
  int64_t total;
  napi_adjust_external_memory(env_, change, &total);
}

}  // namespace snorkel_torch
