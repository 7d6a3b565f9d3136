#include "native/boundary/convert.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace snorkel_torch {
namespace {

template <typename T, typename Read>
std::vector<T> ReadList(const Napi::Value& value, const Name& name, Read read) {
  Napi::Array array = ReadArray(value, name);
  const uint32_t length = array.Length();
  std::vector<T> list;
  list.reserve(std::min<uint32_t>(length, 1024));
  for (uint32_t i = 0; i < length; i++) {
    Napi::HandleScope scope(array.Env());
    list.push_back(read(array.Get(i), name.Element(i)));
  }
  return list;
}

}  // namespace

std::string Name::Text() const {
  return index_ ? std::string(text_) + "[" + std::to_string(*index_) + "]" : std::string(text_);
}

std::string Describe(const Napi::Value& value) {
  if (value.IsUndefined()) return "undefined";
  if (value.IsNull()) return "null";
  if (value.IsString()) {
    const std::string text = value.As<Napi::String>().Utf8Value();
    return "\"" + (text.size() > 40 ? text.substr(0, 40) + "..." : text) + "\" (string)";
  }
  if (value.IsNumber()) return value.ToString().Utf8Value() + " (number)";
  if (value.IsBoolean()) return value.ToString().Utf8Value() + " (boolean)";
  if (value.IsBigInt()) return value.ToString().Utf8Value() + " (bigint)";
  if (value.IsArray()) return "an array of " + std::to_string(value.As<Napi::Array>().Length());
  if (value.IsFunction()) return "a function";
  if (value.IsTypedArray()) return "a typed array";
  if (value.IsSymbol()) return "a symbol";
  return value.IsObject() ? "an object" : "a value of another type";
}

void ThrowExpected(const std::string& what, const Name& name, const Napi::Value& got) {
  throw std::invalid_argument("expected " + what + " for " + name.Text() + ", got " + Describe(got));
}

bool IsSafeInteger(const Napi::Value& value) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  return std::trunc(number) == number && std::abs(number) <= kMaxSafeInteger;
}

int64_t ReadInteger(const Napi::Value& value, const Name& name) {
  if (IsSafeInteger(value)) return static_cast<int64_t>(value.As<Napi::Number>().DoubleValue());
  if (value.IsBigInt()) {
    bool lossless = false;
    const int64_t integer = value.As<Napi::BigInt>().Int64Value(&lossless);
    if (lossless) return integer;
    ThrowExpected("an integer of 64 bits", name, value);
  }
  ThrowExpected("an integer", name, value);
}

double ReadNumber(const Napi::Value& value, const Name& name) {
  if (!value.IsNumber()) ThrowExpected("a number", name, value);
  return value.As<Napi::Number>().DoubleValue();
}

bool ReadBoolean(const Napi::Value& value, const Name& name) {
  if (!value.IsBoolean()) ThrowExpected("a boolean", name, value);
  return value.As<Napi::Boolean>().Value();
}

std::string ReadString(const Napi::Value& value, const Name& name) {
  if (!value.IsString()) ThrowExpected("a string", name, value);
  return value.As<Napi::String>().Utf8Value();
}

Napi::Array ReadArray(const Napi::Value& value, const Name& name) {
  if (!value.IsArray()) ThrowExpected("an array", name, value);
  return value.As<Napi::Array>();
}

std::vector<int64_t> ReadIntegers(const Napi::Value& value, const Name& name) {
  return ReadList<int64_t>(value, name, ReadInteger);
}

std::vector<double> ReadNumbers(const Napi::Value& value, const Name& name) {
  return ReadList<double>(value, name, ReadNumber);
}

std::vector<std::string> ReadStrings(const Napi::Value& value, const Name& name) {
  return ReadList<std::string>(value, name, ReadString);
}

Napi::Value MakeInteger(Napi::Env env, int64_t value) {
  if (std::abs(static_cast<double>(value)) <= kMaxSafeInteger) {
    return Napi::Number::New(env, static_cast<double>(value));
  }
  return Napi::BigInt::New(env, value);
}

Napi::Array MakeIntegers(Napi::Env env, const int64_t* values, size_t count) {
  Napi::Array array = Napi::Array::New(env, count);
  for (size_t i = 0; i < count; i++) array.Set(static_cast<uint32_t>(i), MakeInteger(env, values[i]));
  return array;
}

}  // namespace snorkel_torch
