// Modules of LibTorch behind JavaScript objects.
#pragma once

#include "native/boundary/guard.h"
#include "native/boundary/handle.h"
#include "native/torch/nn/registry.h"

namespace snorkel_torch {

/// A module held by a JavaScript object.
struct ModuleHandle {
  std::string kind;
  NativeModule native;
};

template <>
struct HandleType<ModuleHandle> {
  static constexpr napi_type_tag tag = {0x71c6f2a90d3b4e58ULL, 0xa4e8125bd90f7c03ULL};
  static constexpr const char* name = "native module";
};

void InitModule(Napi::Object exports);

}  // namespace snorkel_torch
