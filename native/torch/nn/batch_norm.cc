#include "native/torch/nn/batch_norm.h"

#include <optional>

#include "native/boundary/convert.h"
#include "native/torch/nn/module_handle.h"

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

// Whether the module is of that class; if so, its momentum is set.
template <typename Impl>
bool SetMomentumOf(nn::Module& module, std::optional<double> momentum) {
  Impl* impl = module.as<Impl>();
  if (impl != nullptr) impl->options.momentum(momentum);
  return impl != nullptr;
}

// batchNormSetMomentum(instance, momentum | null): the weight of a new batch in the running statistics.
Napi::Value SetMomentum(const Napi::CallbackInfo& info) {
  nn::Module& module = *Unwrap<ModuleHandle>(info[0], "instance").native.module;
  const auto momentum =
      info[1].IsNull() ? std::nullopt : std::optional<double>(ReadNumber(info[1], "momentum"));
  if (!SetMomentumOf<nn::BatchNorm1dImpl>(module, momentum) &&
      !SetMomentumOf<nn::BatchNorm2dImpl>(module, momentum) &&
      !SetMomentumOf<nn::BatchNorm3dImpl>(module, momentum)) {
    ThrowExpected("a batch norm", "instance", info[0]);
  }
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {{"batchNormSetMomentum", SetMomentum}};

}  // namespace

void InitBatchNorm(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
