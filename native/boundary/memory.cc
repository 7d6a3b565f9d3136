#include "native/boundary/memory.h"

namespace snorkel_torch {

LiveMemory::StorageKey LiveMemory::Add(const at::Tensor& tensor) {
  tensors_++;
  if (!tensor.has_storage()) return nullptr;
  const StorageKey key = tensor.storage().unsafeGetStorageImpl();
  Storage& storage = storages_[key];
  if (storage.handles++ > 0) return key;
  // On the meta device a tensor has a size, but no memory.
  storage.bytes = tensor.is_meta() ? 0 : static_cast<int64_t>(tensor.storage().nbytes());
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
