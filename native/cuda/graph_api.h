// What the library for CUDA offers to the shim, which links nothing of CUDA: plain functions, so that neither
// has to know the other's symbols. Nothing here throws.
#pragma once

#include <cstddef>

namespace snorkel_torch {

inline constexpr int kCudaGraphApiVersion = 1;

/// Where a function that fails leaves the reason, cut to its size.
struct CudaError {
  char text[512];
};

struct CudaGraphApi {
  int version;

  /// Records what `body` launches, which does not run yet, as a graph with memory of its own.
  /// @param generators at::Generator's of the device that it draws from, beside the device's own
  /// @param body returns false if it fails
  /// @returns the graph, or null
  void* (*capture)(int device, const void* const* generators, size_t count, bool (*body)(void*),
                   void* context, CudaError* error);

  /// Launches a graph on the current stream.
  bool (*replay)(void* graph, CudaError* error);

  void (*destroy)(void* graph);

  /// Makes every wait for a device an error from now on, on all threads; for tests.
  void (*forbid_waiting)(bool on);
};

using GetCudaGraphApi = const CudaGraphApi* (*)();
inline constexpr const char* kGetCudaGraphApi = "snorkel_torch_cuda_graph_api";

}  // namespace snorkel_torch
