// Sums of gradients in JavaScript.
#pragma once

#include "native/boundary/guard.h"
#include "native/boundary/handle.h"
#include "native/engine/gradient_sums.h"

namespace snorkel_torch {

template <>
struct HandleType<GradientSums> {
  static constexpr napi_type_tag tag = {0x4d0f7c92b81e4a36ULL, 0x9c23e5b7f1684d27ULL};
  static constexpr const char* name = "GradientSums";
};

/// Sums that no thread works with.
/// @throws std::invalid_argument if one does.
GradientSums& ReadGradientSums(const Napi::Value& value, const Name& name);

void InitGradientSums(Napi::Object exports);

}  // namespace snorkel_torch
