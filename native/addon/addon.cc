// The thin addon. It links nothing of LibTorch: `open(libraries, shim)` loads LibTorch's libraries by
// absolute path, then the shim that holds all code of ours which needs them, so a missing or broken LibTorch
// is a JavaScript error that carries the loader's own words.
#include <node_api.h>

#include <string>
#include <vector>

#include "native/older_glibc.h"

#ifdef _WIN32
#include <windows.h>

#include <system_error>
#else
#include <dlfcn.h>
#endif

namespace {

#ifdef _WIN32
void* OpenLibrary(const std::string& path, bool) {
  std::wstring wide(path.size(), L'\0');
  int length = MultiByteToWideChar(CP_UTF8, 0, path.data(), static_cast<int>(path.size()), wide.data(),
                                   static_cast<int>(wide.size()));
  wide.resize(length);
  return LoadLibraryExW(wide.c_str(), nullptr,
                        LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
}
void* FindSymbol(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name));
}
std::string LastError() { return std::system_category().message(static_cast<int>(GetLastError())); }
#else
// The shim stays out of the global namespace: two copies of it in one process must not see each other's
// symbols.
void* OpenLibrary(const std::string& path, bool global) {
  return dlopen(path.c_str(), RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL));
}
void* FindSymbol(void* library, const char* name) { return dlsym(library, name); }
std::string LastError() {
  const char* message = dlerror();
  return message ? message : "unknown error";
}
#endif

napi_value Throw(napi_env env, const char* code, const std::string& message) {
  napi_throw_error(env, code, message.c_str());
  return nullptr;
}

bool ReadString(napi_env env, napi_value value, std::string& out) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  out.resize(length + 1);
  if (napi_get_value_string_utf8(env, value, out.data(), out.size(), &length) != napi_ok) return false;
  out.resize(length);
  return true;
}

bool ReadStrings(napi_env env, napi_value array, std::vector<std::string>& out) {
  bool is_array = false;
  uint32_t length = 0;
  if (napi_is_array(env, array, &is_array) != napi_ok || !is_array) return false;
  if (napi_get_array_length(env, array, &length) != napi_ok) return false;
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    std::string path;
    if (napi_get_element(env, array, i, &element) != napi_ok || !ReadString(env, element, path)) return false;
    out.push_back(path);
  }
  return true;
}

// open(libraries: string[], shim: string): the native API, an object.
napi_value Open(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  std::vector<std::string> libraries;
  std::string shim;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) != napi_ok || count < 2 ||
      !ReadStrings(env, arguments[0], libraries) || !ReadString(env, arguments[1], shim)) {
    return Throw(env, "ERR_INVALID_ARG_TYPE", "[open] expected an array of paths and the path of the shim");
  }
  for (const std::string& library : libraries) {
    if (!OpenLibrary(library, true)) return Throw(env, "ERR_LIBTORCH_LOAD", library + ": " + LastError());
  }
  void* handle = OpenLibrary(shim, false);
  if (!handle) return Throw(env, "ERR_SHIM_LOAD", shim + ": " + LastError());
  using Initializer = napi_value (*)(napi_env, napi_value);
  auto initialize = reinterpret_cast<Initializer>(FindSymbol(handle, "snorkel_torch_shim_init"));
  if (!initialize) return Throw(env, "ERR_SHIM_LOAD", shim + ": " + LastError());
  napi_value exports;
  if (napi_create_object(env, &exports) != napi_ok) return nullptr;
  return initialize(env, exports);
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value open;
  if (napi_create_function(env, "open", NAPI_AUTO_LENGTH, Open, nullptr, &open) != napi_ok) return nullptr;
  if (napi_set_named_property(env, exports, "open", open) != napi_ok) return nullptr;
  return exports;
}
