// CUDA graphs for the shim: the only code of ours that needs CUDA's headers.
#include <ATen/core/Generator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <c10/util/Exception.h>
#include <torch/version.h>

#include <cstring>
#include <exception>
#include <memory>

#include "native/cuda/graph_api.h"

namespace snorkel_torch {
namespace {

using at::cuda::CUDAGraph;

void Note(CudaError* error, const char* text) {
  std::strncpy(error->text, text, sizeof error->text - 1);
  error->text[sizeof error->text - 1] = '\0';
}

template <typename Body>
bool Attempt(CudaError* error, Body body) noexcept {
  try {
    body();
    return true;
  } catch (const c10::Error& failure) {
    Note(error, failure.what_without_backtrace());
  } catch (const std::exception& failure) {
    Note(error, failure.what());
  } catch (...) {
    Note(error, "unknown native exception");
  }
  return false;
}

// From 2.14 on a generator joins the graph by itself when it draws in a capture.
void Register([[maybe_unused]] CUDAGraph& graph, [[maybe_unused]] const at::Generator& generator) {
#if TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 14
  graph.register_generator_state(generator);
#endif
}

// The stream's capture has to end, whatever happened in it.
bool EndCapture(CUDAGraph& graph, CudaError* error) {
  return Attempt(error, [&] { graph.capture_end(); });
}

void* Capture(int device, const void* const* generators, size_t count, bool (*body)(void*), void* context,
              CudaError* error) {
  std::unique_ptr<CUDAGraph> graph;
  bool is_captured = false;
  const bool is_done = Attempt(error, [&] {
    const auto index = static_cast<c10::DeviceIndex>(device);
    const c10::cuda::CUDAGuard on_device(index);
    // What is under way may still use memory that the graph will be given.
    c10::cuda::device_synchronize();
    graph = std::make_unique<CUDAGraph>();
    for (size_t i = 0; i < count; i++) Register(*graph, *static_cast<const at::Generator*>(generators[i]));
    const c10::cuda::CUDAStreamGuard on_stream(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, index));
    // Other threads may do what a capture does not allow, such as getting memory.
    graph->capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    const bool has_run = body(context);
    CudaError ending{};
    const bool has_ended = EndCapture(*graph, &ending);
    if (has_run && !has_ended) *error = ending;
    if (!has_run) Note(error, "the step failed");
    is_captured = has_run && has_ended;
  });
  return is_done && is_captured ? graph.release() : nullptr;
}

bool Replay(void* graph, CudaError* error) {
  return Attempt(error, [&] { static_cast<CUDAGraph*>(graph)->replay(); });
}

void Destroy(void* graph) {
  CudaError ignored;
  Attempt(&ignored, [&] { delete static_cast<CUDAGraph*>(graph); });
}

void ForbidWaiting(bool on) {
  CudaError ignored;
  Attempt(&ignored, [&] {
    c10::cuda::warning_state().set_sync_debug_mode(on ? c10::cuda::SyncDebugMode::L_ERROR
                                                      : c10::cuda::SyncDebugMode::L_DISABLED);
  });
}

constexpr CudaGraphApi kApi = {kCudaGraphApiVersion, Capture, Replay, Destroy, ForbidWaiting};

}  // namespace
}  // namespace snorkel_torch

#ifdef _WIN32
#define SNORKEL_TORCH_PUBLIC __declspec(dllexport)
#else
#define SNORKEL_TORCH_PUBLIC __attribute__((visibility("default")))
#endif

extern "C" SNORKEL_TORCH_PUBLIC const snorkel_torch::CudaGraphApi* snorkel_torch_cuda_graph_api() {
  return &snorkel_torch::kApi;
}
