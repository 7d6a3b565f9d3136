#include "native/torch/dtype.h"

#include <array>
#include <utility>

namespace snorkel_torch {
namespace {

constexpr std::array<std::pair<const char*, c10::ScalarType>, 10> kDtypes{{
    {"float32", c10::kFloat},
    {"float64", c10::kDouble},
    {"float16", c10::kHalf},
    {"bfloat16", c10::kBFloat16},
    {"int64", c10::kLong},
    {"int32", c10::kInt},
    {"int16", c10::kShort},
    {"int8", c10::kChar},
    {"uint8", c10::kByte},
    {"bool", c10::kBool},
}};

}  // namespace

std::string DtypeName(c10::ScalarType dtype) {
  for (const auto& [name, value] : kDtypes) {
    if (value == dtype) return name;
  }
  return c10::toString(dtype);
}

std::optional<c10::ScalarType> FindDtype(const std::string& name) {
  for (const auto& [known, value] : kDtypes) {
    if (name == known) return value;
  }
  return std::nullopt;
}

c10::ScalarType ReadDtype(const Napi::Value& value, const Name& name) {
  if (value.IsString()) {
    if (const auto dtype = FindDtype(value.As<Napi::String>().Utf8Value())) return *dtype;
  }
  std::string names;
  for (const auto& [known, _] : kDtypes) names += (names.empty() ? "" : ", ") + std::string(known);
  ThrowExpected("a dtype (one of " + names + ")", name, value);
}

}  // namespace snorkel_torch
