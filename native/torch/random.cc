#include "native/torch/random.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cstring>
#include <mutex>

#include "native/boundary/convert.h"
#include "native/engine/recorder.h"
#include "native/torch/device.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

// A handle's generator, or the global one of the CPU where none is given.
at::Generator GeneratorOr(const Napi::Value& value) {
  if (value.IsUndefined() || value.IsNull()) return at::detail::getDefaultCPUGenerator();
  return Unwrap<at::Generator>(value, "generator");
}

// As in Python, a negative seed stands for the unsigned one with its bits.
uint64_t ReadSeed(const Napi::Value& value) {
  if (value.IsBigInt()) {
    bool lossless = false;
    const uint64_t seed = value.As<Napi::BigInt>().Uint64Value(&lossless);
    if (lossless) return seed;
  }
  return static_cast<uint64_t>(ReadInteger(value, "seed"));
}

// The CPU's generator takes over the position in its block of numbers unchecked, and would read past the
// block's end.
void CheckPosition(const at::Tensor& state) {
  constexpr int64_t kLeft = 8, kNext = 16, kHeader = 24, kBlock = 624;  // at::CPUGeneratorImpl's first fields
  if (!state.is_cpu() || state.scalar_type() != c10::kByte || state.numel() < kHeader)
    return;  // refused by set_state
  int32_t left;
  uint64_t next;
  std::memcpy(&left, state.const_data_ptr<uint8_t>() + kLeft, sizeof left);
  std::memcpy(&next, state.const_data_ptr<uint8_t>() + kNext, sizeof next);
  if (left >= 1 && left <= kBlock && next <= static_cast<uint64_t>(kBlock + 1 - left)) return;
  throw std::invalid_argument("expected what getState() gave for state, got other bytes");
}

// manualSeed(seed): seeds every device's global generator, as torch.manual_seed does.
Napi::Value ManualSeed(const Napi::CallbackInfo& info) {
  Recorder::NoteEffect("a generator is seeded");
  at::manual_seed(ReadSeed(info[0]));
  return info.Env().Undefined();
}

// generatorInit(instance, device): makes the object carry a generator of its own with PyTorch's default seed.
Napi::Value GeneratorInit(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject() || Is<at::Generator>(info[0])) ThrowExpected("a fresh object", "instance", info[0]);
  const c10::Device device = ReadDevice(info[1], "device");
  at::Generator generator =
      device.is_cpu()
          ? at::detail::createCPUGenerator()
          : at::globalContext().getAcceleratorHooksInterface(device.type()).getNewGenerator(device.index());
  Wrap(info[0].As<Napi::Object>(), std::make_unique<at::Generator>(std::move(generator)));
  return info.Env().Undefined();
}

// generatorSeed(generator | null, seed)
Napi::Value GeneratorSeed(const Napi::CallbackInfo& info) {
  const uint64_t seed = ReadSeed(info[1]);
  at::Generator generator = GeneratorOr(info[0]);
  Recorder::NoteEffect("a generator is seeded");
  std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(seed);
  return info.Env().Undefined();
}

Napi::Value GeneratorInitialSeed(const Napi::CallbackInfo& info) {
  at::Generator generator = GeneratorOr(info[0]);
  std::lock_guard<std::mutex> lock(generator.mutex());
  return Napi::BigInt::New(info.Env(), generator.current_seed());
}

// generatorGetState(generator | null): a uint8 tensor, in PyTorch's layout.
Napi::Value GeneratorGetState(const Napi::CallbackInfo& info) {
  at::Generator generator = GeneratorOr(info[0]);
  std::unique_lock<std::mutex> lock(generator.mutex());
  const at::Tensor state = generator.get_state();
  lock.unlock();  // a tensor's class is JavaScript, which may ask for a state as well
  return MakeTensor(info.Env(), state);
}

Napi::Value GeneratorSetState(const Napi::CallbackInfo& info) {
  at::Generator generator = GeneratorOr(info[0]);
  const at::Tensor state = ReadTensor(info[1], "state").contiguous();
  if (generator.device().is_cpu()) CheckPosition(state);
  Recorder::NoteEffect("the state of a generator is set");
  std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state);
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {
    {"manualSeed", ManualSeed, "torch.manualSeed"},
    {"generatorInit", GeneratorInit, "torch.Generator"},
    {"generatorSeed", GeneratorSeed, "Generator.manualSeed"},
    {"generatorInitialSeed", GeneratorInitialSeed, "Generator.initialSeed"},
    {"generatorGetState", GeneratorGetState, "Generator.getState"},
    {"generatorSetState", GeneratorSetState, "Generator.setState"},
};

}  // namespace

void InitRandom(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
