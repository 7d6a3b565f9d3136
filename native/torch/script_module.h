// Modules of TorchScript files behind JavaScript objects.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include "native/boundary/guard.h"
#include "native/boundary/handle.h"

namespace snorkel_torch {

/// A module of a TorchScript file: the root or one inside it. All of a file share its code.
struct ScriptHandle {
  torch::jit::Module module;
  /// Whether its code writes into tensors.
  bool writes;
};

template <>
struct HandleType<ScriptHandle> {
  static constexpr napi_type_tag tag = {0x2e9b04d7c15f4a86ULL, 0xb37d60e8492ac1f5ULL};
  static constexpr const char* name = "ScriptModule";
};

void InitScriptModule(Napi::Object exports);

}  // namespace snorkel_torch
