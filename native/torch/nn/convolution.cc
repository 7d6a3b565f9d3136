#include "native/torch/nn/registry.h"

#include <stdexcept>

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

template <size_t D>
nn::detail::conv_padding_t<D> Padding(const ModuleOptions& options) {
  if (!options.IsString("padding")) return torch::ExpandingArray<D>(options.Integers("padding"));
  const std::string padding = options.String("padding");
  if (padding == "same") return torch::kSame;
  if (padding == "valid") return torch::kValid;
  throw std::invalid_argument("expected \"same\" or \"valid\" for padding, got \"" + padding + "\"");
}

nn::detail::conv_padding_mode_t PaddingMode(const ModuleOptions& options) {
  const std::string mode = options.String("paddingMode");
  if (mode == "zeros") return torch::kZeros;
  if (mode == "reflect") return torch::kReflect;
  if (mode == "replicate") return torch::kReplicate;
  if (mode == "circular") return torch::kCircular;
  throw std::invalid_argument("expected zeros, reflect, replicate or circular for paddingMode, got " + mode);
}

template <typename Impl, size_t D>
NativeModule MakeConvolution(const ModuleOptions& options) {
  using Array = torch::ExpandingArray<D>;
  return Make<Impl>(nn::ConvOptions<D>(options.Integer("inChannels"), options.Integer("outChannels"),
                                       Array(options.Integers("kernelSize")))
                        .stride(Array(options.Integers("stride")))
                        .padding(Padding<D>(options))
                        .dilation(Array(options.Integers("dilation")))
                        .groups(options.Integer("groups"))
                        .bias(options.Boolean("bias"))
                        .padding_mode(PaddingMode(options)));
}

constexpr ModuleKind kKinds[] = {
    {"Conv1d", MakeConvolution<nn::Conv1dImpl, 1>},
    {"Conv2d", MakeConvolution<nn::Conv2dImpl, 2>},
    {"Conv3d", MakeConvolution<nn::Conv3dImpl, 3>},
};

}  // namespace

std::span<const ModuleKind> ConvolutionKinds() { return kKinds; }

}  // namespace snorkel_torch
