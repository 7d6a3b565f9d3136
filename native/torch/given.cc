#include "native/torch/given.h"

#include <ATen/core/Generator.h>

#include <cmath>
#include <stdexcept>

#include "native/boundary/convert.h"
#include "native/torch/random.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

constexpr uint32_t kMaxElements = 1 << 20;

// The prototype of an object; nullptr for none.
napi_value PrototypeOf(napi_env env, napi_value object) {
  napi_value prototype;
  napi_valuetype type;
  detail::Check(env, napi_get_prototype(env, object, &prototype));
  detail::Check(env, napi_typeof(env, prototype, &type));
  return type == napi_object || type == napi_function ? prototype : nullptr;
}

}  // namespace

bool IsPlainObject(const Napi::Value& value) {
  const napi_value prototype = PrototypeOf(value.Env(), value);
  return !prototype || !PrototypeOf(value.Env(), prototype);
}

Napi::Array OwnNames(const Napi::Value& object) {
  napi_value names;
  const auto filter = static_cast<napi_key_filter>(napi_key_enumerable | napi_key_skip_symbols);
  detail::Check(object.Env(), napi_get_all_property_names(object.Env(), object, napi_key_own_only, filter,
                                                          napi_key_numbers_to_strings, &names));
  return Napi::Array(object.Env(), names);
}

Given::Given(const Napi::Value& given) : Given(given, true) {}

Given::Given(const Napi::Value& given, bool reads_elements) : value(given) {
  switch (value.Type()) {
    case napi_undefined: type = Type::kUndefined; return;
    case napi_null: type = Type::kNull; return;
    case napi_boolean: type = Type::kBoolean; return;
    case napi_bigint: type = Type::kBigInt; return;
    case napi_string: type = Type::kString; return;
    case napi_number:
      type = Type::kNumber;
      number = value.As<Napi::Number>().DoubleValue();
      return;
    case napi_object: break;
    default: return;
  }
  if (Is<TensorHandle>(value)) {
    type = Type::kTensor;
    void* handle = nullptr;
    if (napi_unwrap(value.Env(), value, &handle) == napi_ok)
      tensor = static_cast<TensorHandle*>(handle)->tensor();
  } else if (value.IsArray()) {
    type = Type::kArray;
    if (!reads_elements) return;
    const Napi::Array array = value.As<Napi::Array>();
    const uint32_t length = array.Length();
    if (length > kMaxElements) {
      throw std::invalid_argument("expected arrays of at most " + std::to_string(kMaxElements) +
                                  " elements as arguments, got one of " + std::to_string(length));
    }
    elements.reserve(length);
    for (uint32_t i = 0; i < length; i++) elements.push_back(Given(array.Get(i), false));
  } else if (Is<at::Generator>(value)) {
    type = Type::kGenerator;
  }
}

Given Given::Array(const Given* first, const Given* end) {
  Given array;
  array.type = Type::kArray;
  array.elements.assign(first, end);
  return array;
}

bool Given::IsSafeInteger() const {
  return type == Type::kNumber && std::trunc(number) == number && std::abs(number) <= kMaxSafeInteger;
}

std::string Given::Describe() const {
  if (type == Type::kTensor) return tensor.defined() ? "a Tensor" : "a disposed Tensor";
  if (type == Type::kGenerator) return "a Generator";
  return snorkel_torch::Describe(value);
}

GivenArguments::GivenArguments(const Napi::CallbackInfo& info) {
  size_t count = info.Length();
  positional.reserve(count);
  for (size_t i = 0; i < count; i++) positional.emplace_back(info[i]);
  if (count == 0 || positional.back().type != Given::Type::kOther || !positional.back().value.IsObject() ||
      positional.back().value.IsFunction() || !IsPlainObject(positional.back().value)) {
    return;
  }
  const Napi::Object object = positional.back().value.As<Napi::Object>();
  positional.pop_back();
  const Napi::Array names = OwnNames(object);
  for (uint32_t i = 0; i < names.Length(); i++) {
    const Napi::Value name = names.Get(i);
    options.push_back({name.As<Napi::String>().Utf8Value(), Given(object.Get(name))});
  }
}

std::string GivenArguments::Describe() const {
  std::string text = "(";
  for (const Given& given : positional) text += (text.size() > 1 ? ", " : "") + given.Describe();
  for (size_t i = 0; i < options.size(); i++) {
    text += i > 0 ? ", " : (text.size() > 1 ? ", { " : "{ ");
    text += options[i].name + ": " + options[i].given.Describe();
  }
  return text + (options.empty() ? ")" : " })");
}

}  // namespace snorkel_torch
