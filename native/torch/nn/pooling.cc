#include "native/torch/nn/registry.h"

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

template <typename Impl, size_t D>
NativeModule MakeMaxPool(const ModuleOptions& options) {
  using Array = torch::ExpandingArray<D>;
  return Make<Impl>(nn::MaxPoolOptions<D>(Array(options.Integers("kernelSize")))
                        .stride(Array(options.Integers("stride")))
                        .padding(Array(options.Integers("padding")))
                        .dilation(Array(options.Integers("dilation")))
                        .ceil_mode(options.Boolean("ceilMode")));
}

template <size_t D>
nn::AvgPoolOptions<D> AvgPoolOptions(const ModuleOptions& options) {
  using Array = torch::ExpandingArray<D>;
  return nn::AvgPoolOptions<D>(Array(options.Integers("kernelSize")))
      .stride(Array(options.Integers("stride")))
      .padding(Array(options.Integers("padding")))
      .ceil_mode(options.Boolean("ceilMode"))
      .count_include_pad(options.Boolean("countIncludePad"));
}

template <size_t D>
torch::ExpandingArrayWithOptionalElem<D> OutputSize(const ModuleOptions& options) {
  return torch::ExpandingArrayWithOptionalElem<D>(options.IntegersOrNulls("outputSize"));
}

constexpr ModuleKind kKinds[] = {
    {"MaxPool1d", MakeMaxPool<nn::MaxPool1dImpl, 1>},
    {"MaxPool2d", MakeMaxPool<nn::MaxPool2dImpl, 2>},
    {"MaxPool3d", MakeMaxPool<nn::MaxPool3dImpl, 3>},
    {"AvgPool1d",
     [](const ModuleOptions& options) { return Make<nn::AvgPool1dImpl>(AvgPoolOptions<1>(options)); }},
    {"AvgPool2d",
     [](const ModuleOptions& options) {
       return Make<nn::AvgPool2dImpl>(
           AvgPoolOptions<2>(options).divisor_override(options.IntegerOrNull("divisorOverride")));
     }},
    {"AvgPool3d",
     [](const ModuleOptions& options) {
       return Make<nn::AvgPool3dImpl>(
           AvgPoolOptions<3>(options).divisor_override(options.IntegerOrNull("divisorOverride")));
     }},
    {"AdaptiveAvgPool1d",
     [](const ModuleOptions& options) {
       return Make<nn::AdaptiveAvgPool1dImpl>(
           nn::AdaptiveAvgPool1dOptions(torch::ExpandingArray<1>(options.Integers("outputSize"))));
     }},
    {"AdaptiveAvgPool2d",
     [](const ModuleOptions& options) {
       return Make<nn::AdaptiveAvgPool2dImpl>(nn::AdaptiveAvgPool2dOptions(OutputSize<2>(options)));
     }},
    {"AdaptiveAvgPool3d",
     [](const ModuleOptions& options) {
       return Make<nn::AdaptiveAvgPool3dImpl>(nn::AdaptiveAvgPool3dOptions(OutputSize<3>(options)));
     }},
};

}  // namespace

std::span<const ModuleKind> PoolingKinds() { return kKinds; }

}  // namespace snorkel_torch
