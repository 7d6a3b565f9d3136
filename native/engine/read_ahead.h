// Examples that lie in mapped files, fetched from the disk while the step before theirs runs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "native/engine/gather.h"

namespace snorkel_torch {

/// Asks the system to fetch, in the background, the examples at the positions from those sources that are
/// mapped files. Does nothing about positions that are not there, and on systems that cannot be asked.
void ReadAhead(const std::vector<InputSource>& sources, std::span<const int32_t> positions);

/// Tells whether reading ahead is worth a call of the system for each example: not where all is in memory.
class DiskWatch {
 public:
  DiskWatch() : waits_(CountWaits()) {}

  /// To be asked once a step. True for a while after this process had to wait for the disk to read its memory.
  bool HasWaited();

 private:
  static int64_t CountWaits();

  int64_t waits_;
  int64_t steps_left_ = 0;
};

}  // namespace snorkel_torch
