#include "native/torch/nn/registry.h"

#include <stdexcept>

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

nn::EmbeddingBagMode BagMode(const ModuleOptions& options) {
  const std::string mode = options.String("mode");
  if (mode == "sum") return torch::kSum;
  if (mode == "mean") return torch::kMean;
  if (mode == "max") return torch::kMax;
  throw std::invalid_argument("expected sum, mean or max for mode, got \"" + mode + "\"");
}

// EmbeddingBag and its inputs: indices, and where each bag starts, and a weight per index.
NativeModule MakeEmbeddingBag(const ModuleOptions& options) {
  auto impl = std::make_shared<nn::EmbeddingBagImpl>(
      nn::EmbeddingBagOptions(options.Integer("numEmbeddings"), options.Integer("embeddingDim"))
          .max_norm(options.NumberOrNull("maxNorm"))
          .norm_type(options.Number("normType"))
          .scale_grad_by_freq(options.Boolean("scaleGradByFreq"))
          .mode(BagMode(options))
          .sparse(options.Boolean("sparse"))
          .include_last_offset(options.Boolean("includeLastOffset"))
          .padding_idx(options.IntegerOrNull("paddingIdx")));
  // Unlike PyTorch's, and its own Embedding, LibTorch's leaves the padding's row as it was drawn.
  if (const auto padding = options.IntegerOrNull("paddingIdx")) {
    const torch::NoGradGuard no_grad;
    impl->weight.select(0, *padding).zero_();
  }
  NativeModule native = Own(impl);
  native.accepted = 3;
  native.forward = [impl](const std::vector<at::Tensor>& inputs) {
    return std::vector<at::Tensor>{impl->forward(inputs[0], inputs[1], inputs[2])};
  };
  return native;
}

constexpr ModuleKind kKinds[] = {
    {"Embedding",
     [](const ModuleOptions& options) {
       return Make<nn::EmbeddingImpl>(
           nn::EmbeddingOptions(options.Integer("numEmbeddings"), options.Integer("embeddingDim"))
               .padding_idx(options.IntegerOrNull("paddingIdx"))
               .max_norm(options.NumberOrNull("maxNorm"))
               .norm_type(options.Number("normType"))
               .scale_grad_by_freq(options.Boolean("scaleGradByFreq"))
               .sparse(options.Boolean("sparse")));
     }},
    {"EmbeddingBag", MakeEmbeddingBag},
};

}  // namespace

std::span<const ModuleKind> EmbeddingKinds() { return kKinds; }

}  // namespace snorkel_torch
