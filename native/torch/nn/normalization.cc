#include "native/torch/nn/registry.h"

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

// LibTorch's affine modules have both parameters or none; PyTorch's have `bias: false` too.
template <typename Impl>
NativeModule MakeAffine(const ModuleOptions& options, std::shared_ptr<Impl> impl) {
  if (!options.Boolean("bias")) impl->bias = at::Tensor();
  NativeModule native = Own(std::move(impl));
  native.draw = nullptr;
  return native;
}

template <typename Impl>
NativeModule MakeBatchNorm(const ModuleOptions& options) {
  return MakeAffine(options,
                    std::make_shared<Impl>(nn::BatchNormOptions(options.Integer("numFeatures"))
                                               .eps(options.Number("eps"))
                                               .momentum(options.NumberOrNull("momentum"))
                                               .affine(options.Boolean("affine"))
                                               .track_running_stats(options.Boolean("trackRunningStats"))));
}

template <typename Impl>
NativeModule MakeInstanceNorm(const ModuleOptions& options) {
  return MakeAffine(options,
                    std::make_shared<Impl>(nn::InstanceNormOptions(options.Integer("numFeatures"))
                                               .eps(options.Number("eps"))
                                               .momentum(options.NumberOrNull("momentum").value_or(0))
                                               .affine(options.Boolean("affine"))
                                               .track_running_stats(options.Boolean("trackRunningStats"))));
}

constexpr ModuleKind kKinds[] = {
    {"BatchNorm1d", MakeBatchNorm<nn::BatchNorm1dImpl>},
    {"BatchNorm2d", MakeBatchNorm<nn::BatchNorm2dImpl>},
    {"BatchNorm3d", MakeBatchNorm<nn::BatchNorm3dImpl>},
    {"InstanceNorm1d", MakeInstanceNorm<nn::InstanceNorm1dImpl>},
    {"InstanceNorm2d", MakeInstanceNorm<nn::InstanceNorm2dImpl>},
    {"InstanceNorm3d", MakeInstanceNorm<nn::InstanceNorm3dImpl>},
    {"LayerNorm",
     [](const ModuleOptions& options) {
       return MakeAffine(options, std::make_shared<nn::LayerNormImpl>(
                                      nn::LayerNormOptions(options.Integers("normalizedShape"))
                                          .eps(options.Number("eps"))
                                          .elementwise_affine(options.Boolean("elementwiseAffine"))));
     }},
    {"GroupNorm",
     [](const ModuleOptions& options) {
       return MakeAffine(
           options, std::make_shared<nn::GroupNormImpl>(
                        nn::GroupNormOptions(options.Integer("numGroups"), options.Integer("numChannels"))
                            .eps(options.Number("eps"))
                            .affine(options.Boolean("affine"))));
     }},
};

}  // namespace

std::span<const ModuleKind> NormalizationKinds() { return kKinds; }

}  // namespace snorkel_torch
