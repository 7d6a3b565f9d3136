#include "native/torch/nn/registry.h"

namespace snorkel_torch {
namespace {

namespace nn = torch::nn;

// An activation without options.
template <typename Impl>
NativeModule MakePlain(const ModuleOptions&) {
  return Make<Impl>();
}

// One whose only option is `inplace`.
template <typename Impl, typename Options>
NativeModule MakeInplace(const ModuleOptions& options) {
  return Make<Impl>(Options(options.Boolean("inplace")));
}

// One whose options are `alpha` and `inplace`.
template <typename Impl, typename Options>
NativeModule MakeAlpha(const ModuleOptions& options) {
  return Make<Impl>(Options().alpha(options.Number("alpha")).inplace(options.Boolean("inplace")));
}

// One whose only option is `dim`.
template <typename Impl, typename Options>
NativeModule MakeDim(const ModuleOptions& options) {
  return Make<Impl>(Options(options.Integer("dim")));
}

// One whose only option is `lambd`.
template <typename Impl, typename Options>
NativeModule MakeShrink(const ModuleOptions& options) {
  return Make<Impl>(Options(options.Number("lambd")));
}

constexpr ModuleKind kKinds[] = {
    {"ReLU", MakeInplace<nn::ReLUImpl, nn::ReLUOptions>},
    {"ReLU6", MakeInplace<nn::ReLU6Impl, nn::ReLU6Options>},
    {"SELU", MakeInplace<nn::SELUImpl, nn::SELUOptions>},
    {"ELU", MakeAlpha<nn::ELUImpl, nn::ELUOptions>},
    {"CELU", MakeAlpha<nn::CELUImpl, nn::CELUOptions>},
    {"GLU", MakeDim<nn::GLUImpl, nn::GLUOptions>},
    {"Softmax", MakeDim<nn::SoftmaxImpl, nn::SoftmaxOptions>},
    {"Softmin", MakeDim<nn::SoftminImpl, nn::SoftminOptions>},
    {"LogSoftmax", MakeDim<nn::LogSoftmaxImpl, nn::LogSoftmaxOptions>},
    {"Hardshrink", MakeShrink<nn::HardshrinkImpl, nn::HardshrinkOptions>},
    {"Softshrink", MakeShrink<nn::SoftshrinkImpl, nn::SoftshrinkOptions>},
    {"Sigmoid", MakePlain<nn::SigmoidImpl>},
    {"LogSigmoid", MakePlain<nn::LogSigmoidImpl>},
    {"Tanh", MakePlain<nn::TanhImpl>},
    {"Tanhshrink", MakePlain<nn::TanhshrinkImpl>},
    {"Softsign", MakePlain<nn::SoftsignImpl>},
    {"LeakyReLU",
     [](const ModuleOptions& options) {
       return Make<nn::LeakyReLUImpl>(nn::LeakyReLUOptions()
                                          .negative_slope(options.Number("negativeSlope"))
                                          .inplace(options.Boolean("inplace")));
     }},
    {"RReLU",
     [](const ModuleOptions& options) {
       return Make<nn::RReLUImpl>(nn::RReLUOptions()
                                      .lower(options.Number("lower"))
                                      .upper(options.Number("upper"))
                                      .inplace(options.Boolean("inplace")));
     }},
    {"PReLU",
     [](const ModuleOptions& options) {
       return Make<nn::PReLUImpl>(
           nn::PReLUOptions().num_parameters(options.Integer("numParameters")).init(options.Number("init")));
     }},
    {"GELU",
     [](const ModuleOptions& options) {
       return Make<nn::GELUImpl>(nn::GELUOptions().approximate(options.String("approximate")));
     }},
    {"Hardtanh",
     [](const ModuleOptions& options) {
       return Make<nn::HardtanhImpl>(nn::HardtanhOptions()
                                         .min_val(options.Number("minVal"))
                                         .max_val(options.Number("maxVal"))
                                         .inplace(options.Boolean("inplace")));
     }},
    {"Softplus",
     [](const ModuleOptions& options) {
       return Make<nn::SoftplusImpl>(
           nn::SoftplusOptions().beta(options.Number("beta")).threshold(options.Number("threshold")));
     }},
    {"Threshold",
     [](const ModuleOptions& options) {
       return Make<nn::ThresholdImpl>(
           nn::ThresholdOptions(options.Number("threshold"), options.Number("value"))
               .inplace(options.Boolean("inplace")));
     }},
};

}  // namespace

std::span<const ModuleKind> ActivationKinds() { return kKinds; }

}  // namespace snorkel_torch
