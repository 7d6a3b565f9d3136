// Memory that programs share, one of which runs at a time.
#pragma once

#include <c10/core/Allocator.h>
#include <c10/core/Device.h>

#include <cstddef>

namespace snorkel_torch {

class Arena {
 public:
  explicit Arena(c10::Device device) : device_(device) {}

  c10::Device device() const { return device_; }

  /// Where the memory begins. It moves when a program asks for more than there is.
  char* data() const { return static_cast<char*>(memory_.get()); }
  size_t bytes() const { return bytes_; }

  /// Its device has to be the current one.
  void Reserve(size_t bytes);

 private:
  c10::Device device_;
  c10::DataPtr memory_;
  size_t bytes_ = 0;
};

}  // namespace snorkel_torch
