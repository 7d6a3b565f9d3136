#include "native/torch/cuda_library.h"

#include <atomic>
#include <stdexcept>
#include <string>

#include "native/boundary/convert.h"

#ifndef _WIN32
#include <dlfcn.h>
#endif

namespace snorkel_torch {
namespace {

// Code, not state: it is the same for all environments, and stays in the process.
std::atomic<const CudaGraphApi*> graph_api = nullptr;

#ifdef _WIN32
const CudaGraphApi* Open(const std::string&) {
  throw std::runtime_error("CUDA graphs are not built for Windows");
}
#else
const CudaGraphApi* Open(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const auto get = reinterpret_cast<GetCudaGraphApi>(dlsym(library, kGetCudaGraphApi));
  if (get == nullptr) throw std::runtime_error(dlerror());
  const CudaGraphApi* api = get();
  if (api->version == kCudaGraphApiVersion) return api;
  throw std::runtime_error("expected version " + std::to_string(kCudaGraphApiVersion) + " of " + path +
                           ", got " + std::to_string(api->version));
}
#endif

// openCudaLibrary(path)
Napi::Value OpenCudaLibrary(const Napi::CallbackInfo& info) {
  const std::string path = ReadString(info[0], "path");
  if (graph_api == nullptr) graph_api = Open(path);
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {{"openCudaLibrary", OpenCudaLibrary, "TrainingThread"}};

}  // namespace

const CudaGraphApi* FindCudaGraphApi() { return graph_api; }

void InitCudaLibrary(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
