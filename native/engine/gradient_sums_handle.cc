#include "native/engine/gradient_sums_handle.h"

#include <memory>
#include <stdexcept>
#include <vector>

#include "native/boundary/environment.h"
#include "native/torch/optim/optimizer_handle.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

// makeGradientSums(optimizer): none yet.
Napi::Value MakeGradientSums(const Napi::CallbackInfo& info) {
  return WrapNew(info.Env(), std::make_unique<GradientSums>(ReadOptimizer(info[0]).parameters()));
}

// gradientSumsTensors(sums): copies by parameter, null where there is none.
Napi::Value GradientSumsTensors(const Napi::CallbackInfo& info) {
  std::vector<at::Tensor> copies;
  for (const at::Tensor& sum : ReadGradientSums(info[0], "sums").tensors())
    copies.push_back(sum.defined() ? sum.clone() : at::Tensor());
  return MakeTensors(info.Env(), copies);
}

// gradientSumsLoad(sums, tensors): the inverse.
Napi::Value GradientSumsLoad(const Napi::CallbackInfo& info) {
  const Napi::Array array = ReadArray(info[1], "tensors");
  std::vector<at::Tensor> tensors;
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value value = array.Get(i);
    tensors.push_back(value.IsNull() ? at::Tensor() : ReadTensor(value, Name("tensors").Element(i)));
  }
  ReadGradientSums(info[0], "sums").Replace(tensors);
  return info.Env().Undefined();
}

Napi::Value GradientSumsDispose(const Napi::CallbackInfo& info) {
  if (Find<GradientSums>(info[0])) ReadGradientSums(info[0], "sums");
  Dispose<GradientSums>(info[0]);
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {
    {"makeGradientSums", MakeGradientSums, "GradientSums"},
    {"gradientSumsTensors", GradientSumsTensors, "GradientSums"},
    {"gradientSumsLoad", GradientSumsLoad, "GradientSums"},
    {"gradientSumsDispose", GradientSumsDispose, "GradientSums"},
};

}  // namespace

GradientSums& ReadGradientSums(const Napi::Value& value, const Name& name) {
  GradientSums& sums = Unwrap<GradientSums>(value, name);
  if (!Environment::Of(value.Env()).in_use.Holds(&sums)) return sums;
  throw std::invalid_argument("expected sums that no training uses, got some in use. Wait for fit to end");
}

void InitGradientSums(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
