#include "native/torch/nn/module_options.h"

#include "native/boundary/convert.h"

namespace snorkel_torch {

int64_t ModuleOptions::Integer(const char* name) const { return ReadInteger(object_.Get(name), name); }

double ModuleOptions::Number(const char* name) const { return ReadNumber(object_.Get(name), name); }

bool ModuleOptions::Boolean(const char* name) const { return ReadBoolean(object_.Get(name), name); }

std::string ModuleOptions::String(const char* name) const { return ReadString(object_.Get(name), name); }

std::vector<int64_t> ModuleOptions::Integers(const char* name) const {
  return ReadIntegers(object_.Get(name), name);
}

std::optional<int64_t> ModuleOptions::IntegerOrNull(const char* name) const {
  return object_.Get(name).IsNull() ? std::nullopt : std::optional(Integer(name));
}

std::optional<double> ModuleOptions::NumberOrNull(const char* name) const {
  return object_.Get(name).IsNull() ? std::nullopt : std::optional(Number(name));
}

std::vector<std::optional<int64_t>> ModuleOptions::IntegersOrNulls(const char* name) const {
  const Napi::Array array = ReadArray(object_.Get(name), name);
  std::vector<std::optional<int64_t>> values;
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value element = array.Get(i);
    values.push_back(element.IsNull() ? std::nullopt : std::optional(ReadInteger(element, name)));
  }
  return values;
}

bool ModuleOptions::IsString(const char* name) const { return object_.Get(name).IsString(); }

}  // namespace snorkel_torch
