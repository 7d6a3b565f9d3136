#include "native/engine/epilogue.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "native/boundary/convert.h"
#include "native/engine/gradient_sums_handle.h"
#include "native/engine/losses.h"
#include "native/engine/step_update.h"
#include "native/torch/optim/optimizer_handle.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

struct EpilogueResult {
  std::vector<double> losses;
  std::optional<size_t> bad_loss;  // then nothing was changed
  UpdateResult update;
};

// With sums, the gradients go into these, and what they have come to updates the parameters where that is
// due.
EpilogueResult RunEpilogue(Optimizer& optimizer, const std::vector<at::Tensor>& losses,
                           const UpdateOptions& options, GradientSums* sums, bool is_update) {
  EpilogueResult result;
  ReadLosses(losses, result.losses);
  if (options.check_finite && (result.bad_loss = FindBadLoss(result.losses))) return result;
  if (!sums) {
    result.update = StepUpdate(optimizer, optimizer.Gradients()).Run(options);
    if (!result.update.bad_gradient) optimizer.ClearGradients();
    return result;
  }
  sums->Add(optimizer.Gradients());
  optimizer.ClearGradients();
  if (!is_update) return result;
  result.update = StepUpdate(optimizer, sums->tensors()).Run(options);
  if (!result.update.bad_gradient) sums->Clear();
  return result;
}

Napi::Value MakeIndex(Napi::Env env, const std::optional<size_t>& index) {
  return index ? MakeInteger(env, static_cast<int64_t>(*index)) : env.Null();
}

// epilogue(optimizer, losses, rates, gradClip, checkFinite, sums | null, isUpdate):
// { losses, totalNorm, badLoss, badGradient }.
Napi::Value EpilogueEntry(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const UpdateOptions options{ReadRates(info[2]), ReadNumber(info[3], "gradClip"),
                              ReadBoolean(info[4], "checkFinite")};
  const std::vector<at::Tensor> tensors = ReadTensors(info[1], "losses");
  const bool is_update = ReadBoolean(info[6], "isUpdate");
  GradientSums* sums = info[5].IsNull() ? nullptr : &ReadGradientSums(info[5], "sums");
  const EpilogueResult result = RunEpilogue(ReadOptimizer(info[0]), tensors, options, sums, is_update);
  Napi::Float64Array losses = Napi::Float64Array::New(env, result.losses.size());
  std::copy(result.losses.begin(), result.losses.end(), losses.Data());
  Napi::Object object = Napi::Object::New(env);
  object.Set("losses", losses);
  object.Set("totalNorm",
             result.update.total_norm ? Napi::Number::New(env, *result.update.total_norm) : env.Null());
  object.Set("badLoss", MakeIndex(env, result.bad_loss));
  object.Set("badGradient", MakeIndex(env, result.update.bad_gradient));
  return object;
}

constexpr Entry kEntries[] = {{"epilogue", EpilogueEntry, "Optimizer.epilogue"}};

}  // namespace

void InitEpilogue(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
