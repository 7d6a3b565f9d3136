// LibTorch's modules by name. A module more is a line in the table of its family.
#pragma once

#include <torch/nn.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "native/torch/nn/module_options.h"

namespace snorkel_torch {

/// A member of a module that holds a parameter or a buffer; undefined where there is none (bias: false).
struct TensorSlot {
  const char* name;  // PyTorch's, as in a state dict
  bool is_buffer;
  at::Tensor* tensor;
};

/// One of LibTorch's modules, seen without its class.
struct NativeModule {
  std::shared_ptr<torch::nn::Module> module;
  /// In PyTorch's order. They point into the module.
  std::vector<TensorSlot> slots;
  /// How many tensors it takes.
  size_t inputs = 1;
  /// Called with that many.
  std::function<at::Tensor(const std::vector<at::Tensor>&)> forward;
  /// Draws the parameters anew; empty where they start as constants.
  std::function<void()> draw;
};

/// A name, and what makes a module of that name.
struct ModuleKind {
  const char* name;
  NativeModule (*make)(const ModuleOptions& options);
};

/// The members in which LibTorch's modules keep their tensors.
template <typename Impl>
std::vector<TensorSlot> SlotsOf(Impl& impl) {
  std::vector<TensorSlot> slots;
  if constexpr (requires { impl.weight; }) {
    slots.push_back({"weight", false, &impl.weight});
  }
  if constexpr (requires { impl.bias; }) {
    slots.push_back({"bias", false, &impl.bias});
  }
  if constexpr (requires { impl.running_mean; }) {
    slots.push_back({"running_mean", true, &impl.running_mean});
    slots.push_back({"running_var", true, &impl.running_var});
    slots.push_back({"num_batches_tracked", true, &impl.num_batches_tracked});
  }
  return slots;
}

/// A module of LibTorch's class `Impl` (LinearImpl, ...) whose forward takes one or two tensors.
template <typename Impl>
NativeModule Own(std::shared_ptr<Impl> impl) {
  NativeModule native;
  native.module = impl;
  native.slots = SlotsOf(*impl);
  if constexpr (requires { impl->reset_parameters(); }) {
    native.draw = [impl] { impl->reset_parameters(); };
  }
  if constexpr (requires(at::Tensor input) { impl->forward(input); }) {
    native.forward = [impl](const std::vector<at::Tensor>& inputs) { return impl->forward(inputs[0]); };
  } else {
    native.inputs = 2;
    native.forward = [impl](const std::vector<at::Tensor>& inputs) {
      return impl->forward(inputs[0], inputs[1]);
    };
  }
  return native;
}

/// The same, made here from the options of LibTorch's class.
template <typename Impl, typename... Options>
NativeModule Make(Options&&... options) {
  return Own(std::make_shared<Impl>(std::forward<Options>(options)...));
}

// The families, one file each.
std::span<const ModuleKind> ActivationKinds();
std::span<const ModuleKind> DropoutKinds();
std::span<const ModuleKind> LinearKinds();
std::span<const ModuleKind> NormalizationKinds();
std::span<const ModuleKind> ShapeKinds();

/// A new module of the kind of that name. Where the options name a `dtype` or a `device`, its tensors are of
/// these from the start, and drawn as such.
/// @throws std::invalid_argument if there is no such kind.
NativeModule MakeModule(const std::string& kind, const ModuleOptions& options);

}  // namespace snorkel_torch
