#include "native/engine/epilogue.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "native/boundary/convert.h"
#include "native/torch/optim/clip.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

std::optional<size_t> FindBadLoss(const std::vector<double>& losses) {
  const auto bad =
      std::find_if_not(losses.begin(), losses.end(), [](double loss) { return std::isfinite(loss); });
  return bad == losses.end() ? std::nullopt : std::optional<size_t>(bad - losses.begin());
}

std::optional<size_t> FindBadGradient(const std::vector<at::Tensor>& parameters) {
  for (size_t i = 0; i < parameters.size(); i++) {
    const at::Tensor& gradient = parameters[i].grad();
    if (gradient.defined() && !at::isfinite(gradient).all().item<bool>()) return i;
  }
  return std::nullopt;
}

Napi::Value MakeIndex(Napi::Env env, const std::optional<size_t>& index) {
  return index ? MakeInteger(env, static_cast<int64_t>(*index)) : env.Null();
}

// epilogue(optimizer, losses, rates, gradClip, checkFinite): { losses, totalNorm, badLoss, badGradient }.
Napi::Value EpilogueEntry(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const EpilogueOptions options{ReadRates(info[2]), ReadNumber(info[3], "gradClip"),
                                ReadBoolean(info[4], "checkFinite")};
  const std::vector<at::Tensor> tensors = ReadTensors(info[1], "losses");
  const EpilogueResult result = RunEpilogue(Unwrap<Optimizer>(info[0], "optimizer"), tensors, options);
  Napi::Float64Array losses = Napi::Float64Array::New(env, result.losses.size());
  std::copy(result.losses.begin(), result.losses.end(), losses.Data());
  Napi::Object object = Napi::Object::New(env);
  object.Set("losses", losses);
  object.Set("totalNorm", result.total_norm ? Napi::Number::New(env, *result.total_norm) : env.Null());
  object.Set("badLoss", MakeIndex(env, result.bad_loss));
  object.Set("badGradient", MakeIndex(env, result.bad_gradient));
  return object;
}

constexpr Entry kEntries[] = {{"epilogue", EpilogueEntry, "Optimizer.epilogue"}};

}  // namespace

EpilogueResult RunEpilogue(Optimizer& optimizer, const std::vector<at::Tensor>& losses,
                           const EpilogueOptions& options) {
  const at::NoGradGuard no_grad;
  EpilogueResult result;
  result.losses.reserve(losses.size());
  for (const at::Tensor& loss : losses) result.losses.push_back(loss.item().toDouble());
  if (options.check_finite && (result.bad_loss = FindBadLoss(result.losses))) return result;

  std::vector<Bucket> buckets = optimizer.Collect(options.rates);
  if (options.grad_clip > 0 || options.check_finite) {
    const std::vector<at::Tensor> gradients = optimizer.Gradients();
    const at::Tensor total_norm = TotalNorm(gradients);
    result.total_norm = total_norm.item().toDouble();
    // A finite norm proves every element finite. An infinite one does not prove the opposite: squares
    // overflow, and then PyTorch scales the gradients to zero.
    if (options.check_finite && !std::isfinite(*result.total_norm) &&
        (result.bad_gradient = FindBadGradient(optimizer.parameters()))) {
      return result;
    }
    if (options.grad_clip > 0) ClipToNorm(gradients, options.grad_clip, total_norm);
  }
  optimizer.Update(std::move(buckets));
  optimizer.ClearGradients();
  return result;
}

void InitEpilogue(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
