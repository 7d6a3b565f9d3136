#include "native/torch/nn/registry.h"

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

template <typename Impl>
NativeModule MakeDropout(const ModuleOptions& options) {
  return Make<Impl>(nn::DropoutOptions(options.Number("p")).inplace(options.Boolean("inplace")));
}

constexpr ModuleKind kKinds[] = {
    {"Dropout", MakeDropout<nn::DropoutImpl>},
    {"AlphaDropout", MakeDropout<nn::AlphaDropoutImpl>},
    {"FeatureAlphaDropout", MakeDropout<nn::FeatureAlphaDropoutImpl>},
};

}  // namespace

std::span<const ModuleKind> DropoutKinds() { return kKinds; }

}  // namespace snorkel_torch
