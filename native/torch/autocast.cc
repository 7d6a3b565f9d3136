#include "native/torch/autocast.h"

#include <ATen/autocast_mode.h>

#include <stdexcept>

#include "native/boundary/convert.h"
#include "native/torch/device.h"
#include "native/torch/dtype.h"

namespace snorkel_torch {
namespace {

// The state of autocast belongs to the thread: another one (a worker's, or one that runs a part of a step)
// starts without it and must be given it. Put back when the scope ends, however it ends.
class AutocastScope {
 public:
  AutocastScope(c10::DeviceType device, c10::ScalarType dtype, bool enabled, bool caches)
      : device_(device),
        dtype_(at::autocast::get_autocast_dtype(device)),
        enabled_(at::autocast::is_autocast_enabled(device)),
        caches_(at::autocast::is_autocast_cache_enabled()) {
    at::autocast::set_autocast_enabled(device, enabled);
    at::autocast::set_autocast_dtype(device, dtype);
    at::autocast::set_autocast_cache_enabled(caches);
    at::autocast::increment_nesting();
  }
  ~AutocastScope() {
    // The casts of weights that are kept for the scope hold their old values.
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, enabled_);
    at::autocast::set_autocast_dtype(device_, dtype_);
    at::autocast::set_autocast_cache_enabled(caches_);
  }
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  c10::DeviceType device_;
  c10::ScalarType dtype_;
  bool enabled_;
  bool caches_;
};

// autocast(device, dtype, enabled, cacheEnabled, run): calls `run` with autocast switched, and returns its
// result.
Napi::Value Autocast(const Napi::CallbackInfo& info) {
  const c10::DeviceType device = ReadDevice(info[0], "device").type();
  if (device != c10::kCPU && device != c10::kCUDA) ThrowExpected("\"cpu\" or \"cuda\"", "device", info[0]);
  const c10::ScalarType dtype = ReadDtype(info[1], "dtype");
  if (dtype != c10::kBFloat16 && dtype != c10::kHalf)
    ThrowExpected("\"bfloat16\" or \"float16\"", "dtype", info[1]);
  const bool enabled = ReadBoolean(info[2], "enabled");
  const bool caches = ReadBoolean(info[3], "cacheEnabled");
  if (!info[4].IsFunction()) ThrowExpected("a function", "run", info[4]);
  const AutocastScope scope(device, dtype, enabled, caches);
  return info[4].As<Napi::Function>().Call({});
}

// isAutocastEnabled(device): also for a kind of device that is not here.
Napi::Value IsAutocastEnabled(const Napi::CallbackInfo& info) {
  const auto device = ReadString(info[0], "device") == "cpu" ? c10::kCPU : c10::kCUDA;
  return Napi::Boolean::New(info.Env(), at::autocast::is_autocast_enabled(device));
}

constexpr Entry kEntries[] = {
    {"autocast", Autocast, "torch.autocast"},
    {"isAutocastEnabled", IsAutocastEnabled, "torch.isAutocastEnabled"},
};

}  // namespace

void InitAutocast(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
