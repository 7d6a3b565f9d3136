// Typed arrays, copied: their memory is JavaScript's, which can free it at any time.
#pragma once

#include <vector>

#include "native/boundary/convert.h"
#include "native/boundary/handle.h"

namespace snorkel_torch {

template <typename T>
struct TypedArrayOf;

template <>
struct TypedArrayOf<int32_t> {
  static constexpr napi_typedarray_type type = napi_int32_array;
  static constexpr const char* name = "an Int32Array";
};

template <>
struct TypedArrayOf<double> {
  static constexpr napi_typedarray_type type = napi_float64_array;
  static constexpr const char* name = "a Float64Array";
};

template <typename T>
std::vector<T> ReadTypedArray(const Napi::Value& value, const Name& name) {
  // One that is not read here: what this Node-API does not know leaves it so.
  napi_typedarray_type type = napi_uint8_clamped_array;
  size_t length = 0;
  void* data = nullptr;
  if (value.IsTypedArray()) {
    detail::Check(value.Env(),
                  napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr));
  }
  if (type != TypedArrayOf<T>::type) ThrowExpected(TypedArrayOf<T>::name, name, value);
  const T* elements = static_cast<const T*>(data);
  return elements ? std::vector<T>(elements, elements + length) : std::vector<T>();
}

}  // namespace snorkel_torch
