// What other threads work with, so that JavaScript must neither change nor free it until they are done.
#pragma once

#include <unordered_map>
#include <vector>

namespace snorkel_torch {

class InUse {
 public:
  /// Names an object or a storage; only compared, never followed.
  using Key = const void*;

  void Add(const std::vector<Key>& keys) {
    for (const Key key : keys) counts_[key]++;
  }

  void Remove(const std::vector<Key>& keys) {
    for (const Key key : keys) {
      const auto found = counts_.find(key);
      if (found != counts_.end() && --found->second == 0) counts_.erase(found);
    }
  }

  bool Holds(Key key) const { return !counts_.empty() && counts_.count(key) > 0; }

 private:
  std::unordered_map<Key, int> counts_;
};

}  // namespace snorkel_torch
