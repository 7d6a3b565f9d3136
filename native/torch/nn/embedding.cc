#include "native/torch/nn/registry.h"

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

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
};

}  // namespace

std::span<const ModuleKind> EmbeddingKinds() { return kKinds; }

}  // namespace snorkel_torch
