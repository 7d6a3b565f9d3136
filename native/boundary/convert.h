// Plain values from JavaScript, checked. Each reader names the argument in its error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "native/boundary/napi.h"

namespace snorkel_torch {

/// What errors call an argument, or an element of one. The text is put together only for an error; it must
/// outlive the name, which is to be a temporary of the call.
class Name {
 public:
  Name(const char* text) : text_(text) {}         // NOLINT(runtime/explicit)
  Name(const std::string& text) : text_(text) {}  // NOLINT(runtime/explicit)

  Name Element(uint32_t index) const {
    Name element = *this;
    element.index_ = index;
    return element;
  }
  std::string Text() const;

 private:
  std::string_view text_;
  std::optional<uint32_t> index_;
};

/// What an error message calls a value: its type and, if short, the value.
std::string Describe(const Napi::Value& value);

/// An error `expected WHAT for NAME, got VALUE`.
[[noreturn]] void ThrowExpected(const std::string& what, const Name& name, const Napi::Value& got);

/// The largest whole number whose neighbours a JavaScript number tells apart.
inline constexpr double kMaxSafeInteger = 9007199254740991.0;

/// True for a finite number without a fraction whose neighbours are distinct (|x| < 2^53).
bool IsSafeInteger(const Napi::Value& value);

/// A safe integer, or a BigInt that fits 64 bits.
int64_t ReadInteger(const Napi::Value& value, const Name& name);
double ReadNumber(const Napi::Value& value, const Name& name);
bool ReadBoolean(const Napi::Value& value, const Name& name);
std::string ReadString(const Napi::Value& value, const Name& name);
Napi::Array ReadArray(const Napi::Value& value, const Name& name);
std::vector<int64_t> ReadIntegers(const Napi::Value& value, const Name& name);
std::vector<double> ReadNumbers(const Napi::Value& value, const Name& name);
std::vector<std::string> ReadStrings(const Napi::Value& value, const Name& name);

/// A number where it is exact, else a BigInt.
Napi::Value MakeInteger(Napi::Env env, int64_t value);
Napi::Array MakeIntegers(Napi::Env env, const int64_t* values, size_t count);

}  // namespace snorkel_torch
