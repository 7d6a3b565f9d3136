// The library for CUDA, which is opened only where a CUDA device is used.
#pragma once

#include "native/boundary/guard.h"
#include "native/cuda/graph_api.h"

namespace snorkel_torch {

/// What it offers; null as long as it is not open.
const CudaGraphApi* FindCudaGraphApi();

void InitCudaLibrary(Napi::Object exports);

}  // namespace snorkel_torch
