// A CUDA graph: what one step launches, launched again by one call.
#pragma once

#include <ATen/core/Generator.h>
#include <c10/core/Device.h>

#include <functional>
#include <vector>

#include "native/cuda/graph_api.h"

namespace snorkel_torch {

class StepGraph {
 public:
  /// Records what `body` launches on the device; it runs with the first replay.
  /// @throws std::runtime_error that says why it cannot be recorded
  StepGraph(const CudaGraphApi& api, c10::Device device, const std::vector<at::Generator>& generators,
            const std::function<void()>& body);
  ~StepGraph() { api_.destroy(graph_); }
  StepGraph(const StepGraph&) = delete;
  StepGraph& operator=(const StepGraph&) = delete;

  void Replay() const;

 private:
  const CudaGraphApi& api_;
  void* graph_;
};

}  // namespace snorkel_torch
