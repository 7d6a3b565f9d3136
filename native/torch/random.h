// Random number generators.
#pragma once

#include <ATen/core/Generator.h>

#include <string>

#include "native/boundary/guard.h"
#include "native/boundary/handle.h"

namespace snorkel_torch {

template <>
struct HandleType<at::Generator> {
  static constexpr napi_type_tag tag = {0x2b9a31c57a0e4d02ULL, 0x8f3f6a0f5d1c7b02ULL};
  static constexpr const char* name = "Generator";
};

void InitRandom(Napi::Object exports);

}  // namespace snorkel_torch
