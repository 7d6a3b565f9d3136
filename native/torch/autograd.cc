#include "native/torch/autograd.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

#include "native/boundary/convert.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

// Gradients of outputs: an array of tensors, each of its output's shape, and nulls; or nothing at all.
std::vector<at::Tensor> ReadGradients(const Napi::Value& value, const std::vector<at::Tensor>& outputs) {
  std::vector<at::Tensor> gradients(outputs.size());
  if (value.IsUndefined() || value.IsNull()) return gradients;
  const Napi::Array array = ReadArray(value, "gradients");
  if (array.Length() != outputs.size()) {
    throw std::invalid_argument(
        c10::str("expected ", outputs.size(), " gradients, one for each tensor, got ", array.Length()));
  }
  for (uint32_t i = 0; i < outputs.size(); i++) {
    const Napi::Value gradient = array.Get(i);
    if (gradient.IsNull() || gradient.IsUndefined()) continue;
    gradients[i] = ReadTensor(gradient, Name("gradients").Element(i));
    // The engine itself would sum one of another shape until it fits.
    if (gradients[i].sizes() != outputs[i].sizes()) {
      throw std::invalid_argument(c10::str("expected the shape ", outputs[i].sizes(), " for gradients[", i,
                                           "], got ", gradients[i].sizes()));
    }
  }
  return gradients;
}

// backward(tensors, gradients | null, retainGraph, createGraph, inputs)
Napi::Value Backward(const Napi::CallbackInfo& info) {
  const auto tensors = ReadTensors(info[0], "tensors");
  const auto gradients = ReadGradients(info[1], tensors);
  const bool retain_graph = ReadBoolean(info[2], "retainGraph");
  const bool create_graph = ReadBoolean(info[3], "createGraph");
  torch::autograd::backward(tensors, gradients, retain_graph, create_graph, ReadTensors(info[4], "inputs"));
  return info.Env().Undefined();
}

// grad(outputs, inputs, gradients | null, retainGraph, createGraph, allowUnused)
Napi::Value Grad(const Napi::CallbackInfo& info) {
  const auto outputs = ReadTensors(info[0], "outputs");
  const auto inputs = ReadTensors(info[1], "inputs");
  const auto gradients = ReadGradients(info[2], outputs);
  const bool retain_graph = ReadBoolean(info[3], "retainGraph");
  const bool create_graph = ReadBoolean(info[4], "createGraph");
  const bool allow_unused = ReadBoolean(info[5], "allowUnused");
  return MakeTensors(info.Env(), torch::autograd::grad(outputs, inputs, gradients, retain_graph, create_graph,
                                                       allow_unused));
}

Napi::Value IsGradEnabled(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), at::GradMode::is_enabled());
}

Napi::Value SetGradEnabled(const Napi::CallbackInfo& info) {
  at::GradMode::set_enabled(ReadBoolean(info[0], "enabled"));
  return info.Env().Undefined();
}

Napi::Value RequiresGrad(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ReadTensor(info[0], "tensor").requires_grad());
}

// setRequiresGrad(tensor, on): only leaves can be switched, and only floating ones on.
Napi::Value SetRequiresGrad(const Napi::CallbackInfo& info) {
  const at::Tensor tensor = ReadTensor(info[0], "tensor");
  const bool on = ReadBoolean(info[1], "requiresGrad");
  CheckFree(info.Env(), tensor);
  if (!tensor.is_leaf() && !on) {
    throw std::invalid_argument(
        "expected a leaf tensor, got the result of an operation. Use detach() to take it out of the graph");
  }
  tensor.requires_grad_(on);
  return info.Env().Undefined();
}

Napi::Value IsLeaf(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ReadTensor(info[0], "tensor").is_leaf());
}

Napi::Value GetGrad(const Napi::CallbackInfo& info) {
  return MakeTensor(info.Env(), ReadTensor(info[0], "tensor").grad());
}

// setGrad(tensor, gradient | null): the gradient must be another tensor of the same shape, dtype and device.
Napi::Value SetGrad(const Napi::CallbackInfo& info) {
  const at::Tensor tensor = ReadTensor(info[0], "tensor");
  CheckFree(info.Env(), tensor);
  if (info[1].IsNull()) {
    tensor.mutable_grad() = at::Tensor();
    return info.Env().Undefined();
  }
  const at::Tensor gradient = ReadTensor(info[1], "gradient");
  if (gradient.sizes() != tensor.sizes() || gradient.scalar_type() != tensor.scalar_type() ||
      gradient.device() != tensor.device()) {
    throw std::invalid_argument(
        "expected a gradient of the tensor's shape, dtype and device (" +
        c10::str(tensor.sizes(), " ", tensor.scalar_type(), " ", tensor.device()) + "), got " +
        c10::str(gradient.sizes(), " ", gradient.scalar_type(), " ", gradient.device()));
  }
  if (gradient.is_same(tensor)) throw std::invalid_argument("expected a gradient, got the tensor itself");
  tensor.mutable_grad() = gradient;
  return info.Env().Undefined();
}

Napi::Value RetainGrad(const Napi::CallbackInfo& info) {
  ReadTensor(info[0], "tensor").retain_grad();
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {
    {"backward", Backward, "Tensor.backward"},
    {"grad", Grad, "torch.autograd.grad"},
    {"isGradEnabled", IsGradEnabled, "torch.isGradEnabled"},
    {"setGradEnabled", SetGradEnabled, "torch.setGradEnabled"},
    {"requiresGrad", RequiresGrad, "Tensor.requiresGrad"},
    {"setRequiresGrad", SetRequiresGrad, "Tensor.requiresGrad"},
    {"isLeaf", IsLeaf, "Tensor.isLeaf"},
    {"getGrad", GetGrad, "Tensor.grad"},
    {"setGrad", SetGrad, "Tensor.grad"},
    {"retainGrad", RetainGrad, "Tensor.retainGrad"},
};

}  // namespace

void InitAutograd(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
