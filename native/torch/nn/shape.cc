#include "native/torch/nn/registry.h"

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

constexpr ModuleKind kKinds[] = {
    {"Flatten",
     [](const ModuleOptions& options) {
       return Make<nn::FlattenImpl>(
           nn::FlattenOptions().start_dim(options.Integer("startDim")).end_dim(options.Integer("endDim")));
     }},
    {"Unflatten",
     [](const ModuleOptions& options) {
       return Make<nn::UnflattenImpl>(
           nn::UnflattenOptions(options.Integer("dim"), options.Integers("unflattenedSize")));
     }},
};

}  // namespace

std::span<const ModuleKind> ShapeKinds() { return kKinds; }

}  // namespace snorkel_torch
