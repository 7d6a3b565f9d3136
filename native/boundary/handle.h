// Native objects behind JavaScript ones. Every handle carries a type tag, and every receiver is checked: a
// cast of a JavaScript object is never trusted.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "native/boundary/convert.h"
#include "native/boundary/napi.h"

namespace snorkel_torch {

/// To be specialised per native type: `static constexpr napi_type_tag tag` and `static constexpr const char*
/// name`.
template <typename T>
struct HandleType;

namespace detail {

inline void Check(napi_env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

template <typename T>
void Finalize(napi_env, void* data, void*) {
  delete static_cast<T*>(data);
}

// Another copy of this library in the process, perhaps of another version, has other tags: its objects are
// laid out in its own way.
template <typename T>
napi_type_tag Tag() {
  static const char copy = 0;
  napi_type_tag tag = HandleType<T>::tag;
  tag.upper ^= reinterpret_cast<uintptr_t>(&copy);
  return tag;
}

}  // namespace detail

/// True if the value is an object that carries, or carried before its disposal, a T.
template <typename T>
bool Is(const Napi::Value& value) {
  static const napi_type_tag tag = detail::Tag<T>();
  if (!value.IsObject()) return false;
  bool matches = false;
  detail::Check(value.Env(), napi_check_object_type_tag(value.Env(), value, &tag, &matches));
  return matches;
}

/// Makes the object carry `native`, which dies with it at the latest.
template <typename T>
void Wrap(Napi::Object object, std::unique_ptr<T> native) {
  static const napi_type_tag tag = detail::Tag<T>();
  napi_env env = object.Env();
  // In this order: an object that already carries something, be it another addon's, must not get our tag.
  detail::Check(env, napi_wrap(env, object, native.get(), detail::Finalize<T>, nullptr, nullptr));
  T* const owned = native.release();
  if (napi_type_tag_object(env, object, &tag) == napi_ok) return;
  const Napi::Error error = Napi::Error::New(env);
  // In an environment that is being ended (worker.terminate()) neither works any more: then the finalizer
  // frees it.
  if (napi_remove_wrap(env, object, nullptr) == napi_ok) delete owned;
  throw error;
}

/// A fresh plain object that carries `native`.
template <typename T>
Napi::Object WrapNew(Napi::Env env, std::unique_ptr<T> native) {
  Napi::Object object = Napi::Object::New(env);
  Wrap(object, std::move(native));
  return object;
}

/// What the object carries; nullptr if the value is not a T's object, or a disposed one.
template <typename T>
T* Find(const Napi::Value& value) {
  void* data = nullptr;
  return Is<T>(value) && napi_unwrap(value.Env(), value, &data) == napi_ok ? static_cast<T*>(data) : nullptr;
}

/// What the object carries. Code of the user's can dispose it: to be called after all other arguments were
/// read.
/// @throws std::invalid_argument if the value is not a T's object, or a disposed one.
template <typename T>
T& Unwrap(const Napi::Value& value, const Name& name) {
  if (T* native = Find<T>(value)) return *native;
  const std::string type = HandleType<T>::name;
  if (!Is<T>(value)) ThrowExpected("a " + type, name, value);
  throw std::invalid_argument(
      "expected a live " + type + " for " + name.Text() +
      ", got one that was disposed. Use it inside its scope, or keep it with torch.keep()");
}

/// Frees what the object carries, now. Does nothing if it carries no T, or no more.
template <typename T>
void Dispose(const Napi::Value& value) {
  if (!Find<T>(value)) return;
  void* data = nullptr;
  detail::Check(value.Env(), napi_remove_wrap(value.Env(), value, &data));
  delete static_cast<T*>(data);
}

}  // namespace snorkel_torch
