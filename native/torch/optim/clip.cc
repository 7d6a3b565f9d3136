#include "native/torch/optim/clip.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/native/ForeachUtils.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "native/boundary/convert.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

// Calls `body` with the tensors of each device and dtype, in PyTorch's order of these groups: a norm of norms
// depends on it in its last bit.
template <typename Body>
void ForEachKind(const std::vector<at::Tensor>& tensors, Body body) {
  const auto is_like_first = [&](const at::Tensor& tensor) {
    return tensor.device() == tensors.front().device() &&
           tensor.scalar_type() == tensors.front().scalar_type();
  };
  if (tensors.empty()) return;
  if (std::all_of(tensors.begin(), tensors.end(), is_like_first)) return body(tensors);
  const std::vector<std::optional<at::Tensor>> all(tensors.begin(), tensors.end());
  for (const auto& [kind, group] :
       at::native::_group_tensors_by_first_tensors_device_and_dtype({all}, false)) {
    std::vector<at::Tensor> alike;
    for (const auto& tensor : group.first[0]) alike.push_back(*tensor);
    body(alike);
  }
}

// Python's `max_norm / tensor` is `tensor.reciprocal() * max_norm`. On the CPU a number goes faster through
// the same roundings than a tensor of one element.
at::Tensor ClipScale(double max_norm, const at::Tensor& total_norm) {
  if (!total_norm.is_cpu() || total_norm.scalar_type() != at::kFloat) {
    return at::add(total_norm, 1e-6).reciprocal_().mul_(max_norm).clamp_max_(1.0);
  }
  const float scale = 1 / (*total_norm.const_data_ptr<float>() + 1e-6f) * static_cast<float>(max_norm);
  return at::scalar_tensor(scale > 1 ? 1 : scale, total_norm.options());
}

// clipGradNorm(parameters, maxNorm, normType, errorIfNonfinite): the total norm before clipping.
Napi::Value ClipGradNorm(const Napi::CallbackInfo& info) {
  const at::NoGradGuard no_grad;
  const auto gradients = GradientsOf(ReadTensors(info[0], "parameters"));
  const double max_norm = ReadNumber(info[1], "maxNorm");
  const double norm_type = ReadNumber(info[2], "normType");
  const bool is_finite_asked = ReadBoolean(info[3], "errorIfNonfinite");
  const at::Tensor total_norm = TotalNorm(gradients, norm_type);
  const double norm = total_norm.item().toDouble();
  if (is_finite_asked && !std::isfinite(norm)) {
    throw std::runtime_error(std::string("expected gradients of a finite norm, got one of ") +
                             (std::isnan(norm) ? "NaN" : "Infinity"));
  }
  ClipToNorm(gradients, max_norm, total_norm);
  return Napi::Number::New(info.Env(), norm);
}

// clipGradValue(parameters, clipValue): limits every element of every gradient.
Napi::Value ClipGradValue(const Napi::CallbackInfo& info) {
  const at::NoGradGuard no_grad;
  const auto gradients = GradientsOf(ReadTensors(info[0], "parameters"));
  const double limit = ReadNumber(info[1], "clipValue");
  ForEachKind(gradients, [&](at::TensorList alike) {
    at::_foreach_clamp_min_(alike, -limit);
    at::_foreach_clamp_max_(alike, limit);
  });
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {{"clipGradNorm", ClipGradNorm}, {"clipGradValue", ClipGradValue}};

}  // namespace

std::vector<at::Tensor> GradientsOf(const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> gradients;
  gradients.reserve(parameters.size());
  for (const at::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  return gradients;
}

at::Tensor TotalNorm(const std::vector<at::Tensor>& tensors, double norm_type) {
  if (tensors.empty()) return at::zeros({});
  std::vector<at::Tensor> norms;
  norms.reserve(tensors.size());
  ForEachKind(tensors, [&](at::TensorList alike) {
    for (at::Tensor& norm : at::_foreach_norm(alike, norm_type))
      norms.push_back(norm.to(tensors.front().device()));
  });
  return at::linalg_vector_norm(at::stack(norms), norm_type);
}

void ClipToNorm(const std::vector<at::Tensor>& gradients, double max_norm, const at::Tensor& total_norm) {
  const at::Tensor scale = ClipScale(max_norm, total_norm);
  // Multiplying by 1 changes nothing, but reads and writes every gradient. On other devices, asking would
  // wait for them.
  if (scale.is_cpu() && scale.item().toDouble() == 1) return;
  ForEachKind(gradients,
              [&](at::TensorList alike) { at::_foreach_mul_(alike, scale.to(alike.front().device())); });
}

std::optional<at::Tensor> ClipDivisor(double max_norm, const at::Tensor& total_norm) {
  const float divisor = (*total_norm.const_data_ptr<float>() + 1e-6f) / static_cast<float>(max_norm);
  if (!(divisor > 1)) return std::nullopt;
  return at::scalar_tensor(divisor, total_norm.options());
}

void InitClip(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
