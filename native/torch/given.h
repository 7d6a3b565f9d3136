// The values that a call was given, looked at once. Code of the user's (getters, proxies) runs while a value
// is read here and never again during the call, so nothing can change between a check and a use.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/SmallVector.h>

#include <string>
#include <vector>

#include "native/boundary/napi.h"

namespace snorkel_torch {

struct Given {
  enum class Type {
    kUndefined,
    kNull,
    kBoolean,
    kNumber,
    kBigInt,
    kString,
    kTensor,
    kGenerator,
    kArray,
    kOther
  };

  /// @throws std::invalid_argument for an array that is too long to be an argument.
  explicit Given(const Napi::Value& given);

  /// An array of the values `first` to the last.
  static Given Array(const Given* first, const Given* end);

  /// A number that stands for an integer: whole, and below 2^53 in size.
  bool IsSafeInteger() const;
  bool IsInteger() const { return type == Type::kBigInt || IsSafeInteger(); }
  /// For error messages.
  std::string Describe() const;

  Napi::Value value;
  Type type = Type::kOther;
  double number = 0;            // a number's
  at::Tensor tensor;            // a tensor's; undefined if it was disposed
  std::vector<Given> elements;  // an array's

 private:
  Given() = default;
  Given(const Napi::Value& given, bool reads_elements);
};

/// True for an object literal, of whatever realm: its prototype, if it has one, has none.
bool IsPlainObject(const Napi::Value& value);

/// The names of an object's own enumerable properties.
Napi::Array OwnNames(const Napi::Value& object);

/// An option by its name.
struct GivenOption {
  std::string name;
  Given given;
};

/// All that a call was given.
struct GivenArguments {
  explicit GivenArguments(const Napi::CallbackInfo& info);

  /// "(Tensor, 2 (number), { alpha })"
  std::string Describe() const;

  c10::SmallVector<Given, 4> positional;
  c10::SmallVector<GivenOption, 2> options;  // of the object literal that came last
};

}  // namespace snorkel_torch
