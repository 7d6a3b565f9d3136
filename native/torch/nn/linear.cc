#include "native/torch/nn/registry.h"

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

constexpr ModuleKind kKinds[] = {
    {"Identity", [](const ModuleOptions&) { return Make<nn::IdentityImpl>(); }},
    {"Linear",
     [](const ModuleOptions& options) {
       return Make<nn::LinearImpl>(
           nn::LinearOptions(options.Integer("inFeatures"), options.Integer("outFeatures"))
               .bias(options.Boolean("bias")));
     }},
    {"Bilinear",
     [](const ModuleOptions& options) {
       return Make<nn::BilinearImpl>(nn::BilinearOptions(options.Integer("in1Features"),
                                                         options.Integer("in2Features"),
                                                         options.Integer("outFeatures"))
                                         .bias(options.Boolean("bias")));
     }},
};

}  // namespace

std::span<const ModuleKind> LinearKinds() { return kKinds; }

}  // namespace snorkel_torch
