#include "native/torch/nn/registry.h"

#include <ATen/CPUGeneratorImpl.h>

#include <mutex>
#include <stdexcept>

namespace snorkel_torch {
namespace {

constexpr std::span<const ModuleKind> (*kFamilies[])() = {
    ActivationKinds, DropoutKinds, LinearKinds, NormalizationKinds, ShapeKinds,
};

// The kind of that name.
const ModuleKind& FindModuleKind(const std::string& name) {
  for (const auto family : kFamilies) {
    for (const ModuleKind& kind : family()) {
      if (name == kind.name) return kind;
    }
  }
  throw std::invalid_argument("this LibTorch has no module " + name);
}

}  // namespace

// LibTorch makes modules as float32 on the CPU; PyTorch draws where, and as what, they are asked for.
NativeModule MakeModule(const std::string& kind, const ModuleOptions& options) {
  const auto dtype = options.DtypeOrNull("dtype");
  const auto device = options.DeviceOrNull("device");
  if (!dtype && !device) return FindModuleKind(kind).make(options);
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const at::Tensor state = [&] {
    std::lock_guard<std::mutex> lock(generator.mutex());
    return generator.get_state();
  }();
  NativeModule native = FindModuleKind(kind).make(options);
  {
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(state);
  }
  for (const TensorSlot& slot : native.slots) {
    if (!slot.tensor->defined()) continue;
    const bool converts = dtype && slot.tensor->is_floating_point();
    const at::TensorOptions target =
        slot.tensor->options().dtype(converts ? *dtype : slot.tensor->scalar_type());
    *slot.tensor = slot.tensor->detach().to(device ? target.device(*device) : target);
  }
  if (native.draw) native.draw();
  return native;
}

}  // namespace snorkel_torch
