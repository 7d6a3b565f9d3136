// The one exception border, and how functions reach JavaScript.
#pragma once

#include <span>
#include <string_view>

#include "native/boundary/napi.h"

namespace snorkel_torch {

/// A native function as JavaScript sees it: its name there, what runs, and how errors name it, if not by that
/// name.
struct Entry {
  const char* name;
  Napi::Value (*function)(const Napi::CallbackInfo&);
  const char* where = nullptr;
};

/// Defines each entry on `exports`. The entries must live as long as the process (a static table).
void Export(Napi::Object exports, std::span<const Entry> entries);

/// Runs `body` and turns every C++ exception into a JavaScript one: LibTorch's own without its backtrace,
/// prefixed by `[where]`. std::invalid_argument becomes a TypeError, std::out_of_range a RangeError.
template <typename Body>
Napi::Value Guard(Napi::Env env, std::string_view where, Body&& body);

/// Throws, as a JavaScript error, the C++ exception that is being handled. To be called in a catch block.
[[noreturn]] void RethrowAsJavaScript(Napi::Env env, std::string_view where);

template <typename Body>
Napi::Value Guard(Napi::Env env, std::string_view where, Body&& body) {
  try {
    return body();
  } catch (...) {
    RethrowAsJavaScript(env, where);
  }
}

}  // namespace snorkel_torch
