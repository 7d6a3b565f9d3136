// The batch of the step after the one that runs, gathered by a thread of its own.
#pragma once

#include <ATen/core/Tensor.h>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "native/engine/gather.h"
#include "native/engine/program.h"

namespace snorkel_torch {

/// Only one batch is under way at a time: every `Start` is followed by a `Finish`, or by the end.
class NextBatch {
 public:
  NextBatch() = default;
  ~NextBatch();
  NextBatch(const NextBatch&) = delete;
  NextBatch& operator=(const NextBatch&) = delete;

  /// Begins to gather a batch for a program that others may run meanwhile. The sources and positions must
  /// stay.
  void Start(Program& program, const std::vector<InputSource>& sources, std::span<const int32_t> positions);

  /// Whether a batch was begun.
  bool IsUnderWay() const { return program_ != nullptr; }

  /// Waits for the batch, and puts its memory in the place of the program's inputs.
  /// @throws what gathering threw
  void Finish();

 private:
  void Loop();

  Program* program_ = nullptr;
  const std::vector<InputSource>* sources_ = nullptr;
  std::span<const int32_t> positions_;
  std::unordered_map<const Program*, std::vector<at::Tensor>> buffers_;
  std::vector<at::Tensor>* buffer_ = nullptr;
  std::exception_ptr error_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_asked_ = false;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace snorkel_torch
