#include "native/torch/script_values.h"

#include <ATen/core/jit_type.h>

#include <algorithm>
#include <string>
#include <utility>

#include "native/boundary/convert.h"
#include "native/torch/device.h"
#include "native/torch/given.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

constexpr uint32_t kMaxElements = 1 << 20;
constexpr int kMaxDepth = 64;

bool IsAbsent(const Napi::Value& value) { return value.IsNull() || value.IsUndefined(); }

c10::IValue ReadValue(const Napi::Value& value, const c10::TypePtr& type, const Name& name);

// The elements of an array, read once.
std::vector<Napi::Value> ReadElements(const Napi::Value& value, const c10::TypePtr& type, const Name& name) {
  if (!value.IsArray()) ThrowExpected("an array (" + type->annotation_str() + ")", name, value);
  const Napi::Array array = value.As<Napi::Array>();
  const uint32_t length = array.Length();
  if (length > kMaxElements) {
    ThrowExpected("an array of at most " + std::to_string(kMaxElements) + " elements", name, value);
  }
  std::vector<Napi::Value> elements(length);
  for (uint32_t i = 0; i < length; i++) elements[i] = array.Get(i);
  return elements;
}

c10::IValue ReadList(const Napi::Value& value, const c10::TypePtr& type, const Name& name) {
  const auto elements = ReadElements(value, type, name);
  const c10::TypePtr& element_type = type->castRaw<c10::ListType>()->getElementType();
  c10::impl::GenericList list(element_type);
  list.reserve(elements.size());
  for (uint32_t i = 0; i < elements.size(); i++) {
    list.push_back(ReadValue(elements[i], element_type, name.Element(i)));
  }
  return list;
}

c10::IValue ReadTuple(const Napi::Value& value, const c10::TypePtr& type, const Name& name) {
  const auto elements = ReadElements(value, type, name);
  const auto& types = type->castRaw<c10::TupleType>()->elements();
  if (elements.size() != types.size()) {
    ThrowExpected("an array of " + std::to_string(types.size()) + " (" + type->annotation_str() + ")", name,
                  value);
  }
  std::vector<c10::IValue> values;
  for (uint32_t i = 0; i < elements.size(); i++) {
    values.push_back(ReadValue(elements[i], types[i], name.Element(i)));
  }
  return c10::ivalue::Tuple::create(std::move(values));
}

c10::IValue ReadDict(const Napi::Value& value, const c10::TypePtr& type, const Name& name) {
  const auto* dict_type = type->castRaw<c10::DictType>();
  const c10::TypePtr &key_type = dict_type->getKeyType(), &value_type = dict_type->getValueType();
  c10::impl::GenericDict dict(key_type, value_type);
  if (key_type->kind() == c10::TypeKind::StringType) {
    if (!value.IsObject() || value.IsArray() || value.IsFunction() || !IsPlainObject(value)) {
      ThrowExpected("an object (" + type->annotation_str() + ")", name, value);
    }
    const Napi::Object object = value.As<Napi::Object>();
    const Napi::Array keys = OwnNames(object);
    for (uint32_t i = 0; i < keys.Length(); i++) {
      const Napi::Value key = keys.Get(i);
      const std::string text = ReadString(key, name);
      const std::string member = name.Text() + "." + text;
      dict.insert_or_assign(text, ReadValue(object.Get(key), value_type, member));
    }
    return dict;
  }
  for (const Napi::Value& pair : ReadElements(value, type, name)) {
    if (!pair.IsArray() || pair.As<Napi::Array>().Length() != 2)
      ThrowExpected("a pair [key, value]", name, pair);
    const Napi::Array array = pair.As<Napi::Array>();
    const c10::IValue key = ReadValue(array.Get(0u), key_type, name);
    dict.insert_or_assign(key, ReadValue(array.Get(1u), value_type, name));
  }
  return dict;
}

// A Scalar of TorchScript's, and a value of no declared type: numbers are floats, bigints integers.
c10::IValue ReadNumberLike(const Napi::Value& value, const Name& name) {
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  if (value.IsBigInt()) return ReadInteger(value, name);
  return ReadNumber(value, name);
}

c10::IValue ReadAny(const Napi::Value& value, const Name& name) {
  if (IsAbsent(value)) return {};
  if (IsTensor(value)) return ReadTensor(value, name);
  if (value.IsString()) return ReadString(value, name);
  if (value.IsBoolean() || value.IsNumber() || value.IsBigInt()) return ReadNumberLike(value, name);
  ThrowExpected("a Tensor, number, boolean, string or null", name, value);
}

// The first member of the union that the value is one of.
c10::IValue ReadUnion(const Napi::Value& value, const c10::TypePtr& type, const Name& name) {
  for (const c10::TypePtr& member : type->containedTypes()) {
    try {
      return ReadValue(value, member, name);
    } catch (const std::invalid_argument&) {
      continue;
    }
  }
  ThrowExpected(type->annotation_str(), name, value);
}

c10::IValue ReadValue(const Napi::Value& value, const c10::TypePtr& type, const Name& name) {
  switch (type->kind()) {
    case c10::TypeKind::TensorType: return ReadTensor(value, name);
    case c10::TypeKind::IntType: return ReadInteger(value, name);
    case c10::TypeKind::FloatType: return ReadNumber(value, name);
    case c10::TypeKind::BoolType: return ReadBoolean(value, name);
    case c10::TypeKind::StringType: return ReadString(value, name);
    case c10::TypeKind::NumberType: return ReadNumberLike(value, name);
    case c10::TypeKind::DeviceObjType: return ReadDevice(value, name);
    case c10::TypeKind::ListType: return ReadList(value, type, name);
    case c10::TypeKind::TupleType: return ReadTuple(value, type, name);
    case c10::TypeKind::DictType: return ReadDict(value, type, name);
    case c10::TypeKind::UnionType: return ReadUnion(value, type, name);
    case c10::TypeKind::AnyType: return ReadAny(value, name);
    case c10::TypeKind::OptionalType:
      return IsAbsent(value) ? c10::IValue() : ReadValue(value, type->containedType(0), name);
    case c10::TypeKind::NoneType:
      if (IsAbsent(value)) return {};
      ThrowExpected("null", name, value);
    default: ThrowExpected(type->annotation_str() + ", which JavaScript cannot give,", name, value);
  }
}

Napi::Value MakeValue(Napi::Env env, const c10::IValue& value, int depth);

Napi::Value MakeArray(Napi::Env env, c10::ArrayRef<c10::IValue> values, int depth) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); i++) {
    array.Set(static_cast<uint32_t>(i), MakeValue(env, values[i], depth));
  }
  return array;
}

Napi::Value MakeDict(Napi::Env env, const c10::impl::GenericDict& dict, int depth) {
  if (dict.keyType()->kind() != c10::TypeKind::StringType) {
    Napi::Array pairs = Napi::Array::New(env);
    uint32_t count = 0;
    for (const auto& entry : dict) pairs.Set(count++, MakeArray(env, {entry.key(), entry.value()}, depth));
    return pairs;
  }
  Napi::Object object = Napi::Object::New(env);
  // Defined, not assigned: a key may be "__proto__".
  for (const auto& entry : dict) {
    object.DefineProperty(Napi::PropertyDescriptor::Value(
        entry.key().toStringRef(), MakeValue(env, entry.value(), depth), napi_default_jsproperty));
  }
  return object;
}

// Lists and dictionaries are copied first: code of the user's can call the module while an array is filled.
Napi::Value MakeValue(Napi::Env env, const c10::IValue& value, int depth) {
  if (depth == 0) throw std::invalid_argument("the result is nested too deeply, or holds itself");
  if (value.isTensor()) return MakeTensor(env, value.toTensor());
  if (value.isNone()) return env.Null();
  if (value.isBool()) return Napi::Boolean::New(env, value.toBool());
  if (value.isInt()) return MakeInteger(env, value.toInt());
  if (value.isDouble()) return Napi::Number::New(env, value.toDouble());
  if (value.isString()) return Napi::String::New(env, value.toStringRef());
  if (value.isDevice()) return Napi::String::New(env, value.toDevice().str());
  if (value.isTuple()) return MakeArray(env, value.toTupleRef().elements().vec(), depth - 1);
  if (value.isList()) return MakeArray(env, value.toListRef().vec(), depth - 1);
  if (value.isGenericDict()) return MakeDict(env, value.toGenericDict().copy(), depth - 1);
  throw std::invalid_argument("a result of type " + value.type()->annotation_str() +
                              " cannot be given to JavaScript");
}

}  // namespace

std::vector<c10::IValue> ReadScriptArguments(const c10::FunctionSchema& schema, const Napi::Value& given) {
  const auto& arguments = schema.arguments();
  const Napi::Array array = ReadArray(given, "arguments");
  const size_t accepted = arguments.size() - 1;  // without self
  if (array.Length() > accepted) {
    throw std::invalid_argument("expected at most " + std::to_string(accepted) + " arguments, got " +
                                std::to_string(array.Length()));
  }
  std::vector<c10::IValue> values;
  for (uint32_t i = 0; i < accepted; i++) {
    const c10::Argument& argument = arguments[i + 1];
    const Napi::Value value = array.Get(i);
    if (value.IsUndefined() && argument.default_value()) {
      values.push_back(*argument.default_value());
    } else {
      values.push_back(ReadValue(value, argument.type(), argument.name()));
    }
  }
  return values;
}

Napi::Value MakeScriptValue(Napi::Env env, const c10::IValue& value) {
  return MakeValue(env, value, kMaxDepth);
}

}  // namespace snorkel_torch
