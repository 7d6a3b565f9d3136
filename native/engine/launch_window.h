// How far the host may run ahead of a device: far enough to keep it busy, not so far that an abort or a bad
// step has to wait.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/Event.h>

#include <cstdint>
#include <deque>
#include <optional>

namespace snorkel_torch {

class LaunchWindow {
 public:
  /// @param is_bad a float32 scalar on the device, for `has_seen_bad`; undefined for none
  explicit LaunchWindow(c10::Device device, const at::Tensor& is_bad = {})
      : device_(device), is_bad_(is_bad) {}

  /// To be called after each step. Waits for one of long ago, if the device has not done it yet.
  void Launched();

  /// How many steps are known to be done.
  int64_t done() const { return done_; }

  /// Whether `is_bad` was 1 after one of them.
  bool has_seen_bad() const { return has_seen_bad_; }

 private:
  struct Mark {
    int64_t steps;
    at::Tensor is_bad;  // a copy on the host, once the event is there
    std::optional<c10::Event> event;
  };

  void PutMark();
  void PassMark();

  c10::Device device_;
  at::Tensor is_bad_;
  std::deque<Mark> marks_;
  int64_t launched_ = 0;
  int64_t done_ = 0;
  bool has_seen_bad_ = false;
};

}  // namespace snorkel_torch
