#include "native/torch/nn/registry.h"

#include <stdexcept>

namespace snorkel_torch {
namespace {

constexpr std::span<const ModuleKind> (*kFamilies[])() = {
    ActivationKinds, ConvolutionKinds,   DropoutKinds, EmbeddingKinds,
    LinearKinds,     NormalizationKinds, PoolingKinds, ShapeKinds,
};

}  // namespace

const ModuleKind& FindModuleKind(const std::string& name) {
  for (const auto family : kFamilies) {
    for (const ModuleKind& kind : family()) {
      if (name == kind.name) return kind;
    }
  }
  throw std::invalid_argument("this LibTorch has no module " + name);
}

}  // namespace snorkel_torch
