#include "native/torch/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <optional>
#include <stdexcept>

namespace snorkel_torch {
namespace {

// OpenMP ends the process where the system refuses it a thread.
constexpr int64_t kMaxThreads = 1024;

int64_t CudaDeviceCount() {
  return at::hasCUDA() ? static_cast<int64_t>(at::detail::getCUDAHooks().deviceCount()) : 0;
}

std::optional<c10::Device> ParseDevice(const std::string& text) {
  if (text == "cpu") return c10::Device(c10::kCPU);
  if (text == "auto") return CudaDeviceCount() > 0 ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  if (text == "meta") return c10::Device(c10::kMeta);
  if (text == "cuda") return c10::Device(c10::kCUDA, 0);
  if (!text.starts_with("cuda:")) return std::nullopt;
  const std::string index = text.substr(5);
  const bool digits =
      !index.empty() && index.size() <= 2 && index.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::optional(c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(std::stoi(index))))
                : std::nullopt;
}

Napi::Value CudaDeviceCountEntry(const Napi::CallbackInfo& info) {
  return MakeInteger(info.Env(), CudaDeviceCount());
}

// checkDevice(name, where): the device's full name ("cuda" is "cuda:0"), or an error that says what is
// missing.
Napi::Value CheckDevice(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), ReadString(info[1], "where"),
               [&] { return Napi::String::New(info.Env(), ReadDevice(info[0], "device").str()); });
}

Napi::Value SetNumThreads(const Napi::CallbackInfo& info) {
  const int64_t count = ReadInteger(info[0], "count");
  if (count < 1 || count > kMaxThreads) {
    ThrowExpected("an integer from 1 to " + std::to_string(kMaxThreads), "count", info[0]);
  }
  at::set_num_threads(static_cast<int>(count));
  return info.Env().Undefined();
}

Napi::Value GetNumThreads(const Napi::CallbackInfo& info) {
  return MakeInteger(info.Env(), at::get_num_threads());
}

Napi::Value Version(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), TORCH_VERSION); }

constexpr Entry kEntries[] = {
    {"cudaDeviceCount", CudaDeviceCountEntry, "torch.cuda.deviceCount"},
    {"checkDevice", CheckDevice, "torch.device"},
    {"setNumThreads", SetNumThreads, "torch.setNumThreads"},
    {"getNumThreads", GetNumThreads, "torch.getNumThreads"},
    {"version", Version, "torch.version"},
};

}  // namespace

c10::Device ReadDevice(const Napi::Value& value, const Name& name) {
  const auto device = value.IsString() ? ParseDevice(value.As<Napi::String>().Utf8Value()) : std::nullopt;
  if (!device) ThrowExpected("a device (\"auto\", \"cpu\", \"cuda\" or \"cuda:N\")", name, value);
  if (device->is_cuda() && device->index() >= CudaDeviceCount()) {
    throw std::invalid_argument(
        "expected a device that is here for " + name.Text() + ", got " + device->str() + ". " +
        (at::hasCUDA() ? "LibTorch sees " + std::to_string(CudaDeviceCount()) + " CUDA devices"
                       : "torch.cuda.unavailableReason() says why CUDA is not") +
        "; use \"cpu\", or \"auto\" to take what is there");
  }
  return *device;
}

void InitDevice(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
