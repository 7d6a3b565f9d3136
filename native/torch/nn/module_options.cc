#include "native/torch/nn/module_options.h"

#include "native/boundary/convert.h"
#include "native/torch/device.h"
#include "native/torch/dtype.h"

namespace snorkel_torch {

int64_t ModuleOptions::Integer(const char* name) const { return ReadInteger(object_.Get(name), name); }

double ModuleOptions::Number(const char* name) const { return ReadNumber(object_.Get(name), name); }

bool ModuleOptions::Boolean(const char* name) const { return ReadBoolean(object_.Get(name), name); }

std::string ModuleOptions::String(const char* name) const { return ReadString(object_.Get(name), name); }

std::vector<int64_t> ModuleOptions::Integers(const char* name) const {
  return ReadIntegers(object_.Get(name), name);
}

std::optional<double> ModuleOptions::NumberOrNull(const char* name) const {
  return object_.Get(name).IsNull() ? std::nullopt : std::optional(Number(name));
}

std::optional<c10::ScalarType> ModuleOptions::DtypeOrNull(const char* name) const {
  const Napi::Value value = object_.Get(name);
  if (value.IsNull() || value.IsUndefined()) return std::nullopt;
  const c10::ScalarType dtype = ReadDtype(value, name);
  if (!c10::isFloatingType(dtype)) ThrowExpected("a floating dtype", name, value);
  return dtype;
}

std::optional<c10::Device> ModuleOptions::DeviceOrNull(const char* name) const {
  const Napi::Value value = object_.Get(name);
  if (value.IsNull() || value.IsUndefined()) return std::nullopt;
  return ReadDevice(value, name);
}

}  // namespace snorkel_torch
