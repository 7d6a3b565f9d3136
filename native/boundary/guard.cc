#include "native/boundary/guard.h"

#include <c10/util/Exception.h>

#include <stdexcept>
#include <string>

namespace snorkel_torch {
namespace {

Napi::Value Dispatch(const Napi::CallbackInfo& info) {
  const auto* entry = static_cast<const Entry*>(info.Data());
  return Guard(info.Env(), entry->where ? entry->where : entry->name, [&] { return entry->function(info); });
}

std::string Located(std::string_view where, const char* message) {
  std::string located("[");
  return located.append(where).append("] ").append(message);
}

[[noreturn]] void Throw(Napi::Error error, const char* code) {
  error.Set("code", code);
  throw error;
}

}  // namespace

void Export(Napi::Object exports, std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    exports.Set(entry.name,
                Napi::Function::New<Dispatch>(exports.Env(), entry.name, const_cast<Entry*>(&entry)));
  }
}

void RethrowAsJavaScript(Napi::Env env, std::string_view where) {
  try {
    throw;
  } catch (const Napi::Error&) {
    throw;
  } catch (const c10::IndexError& error) {
    Throw(Napi::RangeError::New(env, Located(where, error.what_without_backtrace())), "ERR_LIBTORCH");
  } catch (const c10::Error& error) {
    Throw(Napi::Error::New(env, Located(where, error.what_without_backtrace())), "ERR_LIBTORCH");
  } catch (const std::invalid_argument& error) {
    Throw(Napi::TypeError::New(env, Located(where, error.what())), "ERR_INVALID_ARG_TYPE");
  } catch (const std::out_of_range& error) {
    Throw(Napi::RangeError::New(env, Located(where, error.what())), "ERR_OUT_OF_RANGE");
  } catch (const std::exception& error) {
    Throw(Napi::Error::New(env, Located(where, error.what())), "ERR_NATIVE");
  } catch (...) {
    Throw(Napi::Error::New(env, Located(where, "unknown native exception")), "ERR_NATIVE");
  }
}

}  // namespace snorkel_torch
