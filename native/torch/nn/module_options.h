// The options of a module, as TypeScript validated and completed them.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "native/boundary/napi.h"

namespace snorkel_torch {

/// Reads the fields of an options object by their names in TypeScript. Every field must be there: defaults
/// live in TypeScript alone.
class ModuleOptions {
 public:
  explicit ModuleOptions(Napi::Object object) : object_(object) {}

  int64_t Integer(const char* name) const;
  double Number(const char* name) const;
  bool Boolean(const char* name) const;
  std::string String(const char* name) const;
  std::vector<int64_t> Integers(const char* name) const;

  /// Absent where TypeScript has null.
  std::optional<double> NumberOrNull(const char* name) const;

  /// Absent where TypeScript has null, or no such field: not every module has tensors.
  std::optional<c10::ScalarType> DtypeOrNull(const char* name) const;
  std::optional<c10::Device> DeviceOrNull(const char* name) const;

 private:
  Napi::Object object_;
};

}  // namespace snorkel_torch
