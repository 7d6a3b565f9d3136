// The shim's table of contents: what native code offers to lib/torch, one concept a line.
#include "native/boundary/environment.h"
#include "native/boundary/napi.h"
#include "native/engine/epilogue.h"
#include "native/engine/gradient_sums_handle.h"
#include "native/engine/program_handle.h"
#include "native/engine/training_thread_handle.h"
#include "native/torch/autocast.h"
#include "native/torch/autograd.h"
#include "native/torch/cuda_library.h"
#include "native/torch/device.h"
#include "native/torch/elements.h"
#include "native/torch/indexing.h"
#include "native/torch/mapped_file.h"
#include "native/torch/nn/batch_norm.h"
#include "native/torch/nn/module_handle.h"
#include "native/torch/operators.h"
#include "native/torch/optim/clip.h"
#include "native/torch/optim/optimizer_handle.h"
#include "native/torch/optim/schedules.h"
#include "native/torch/random.h"
#include "native/torch/script_module.h"
#include "native/torch/tensor.h"

#ifdef _WIN32
#define SNORKEL_TORCH_PUBLIC __declspec(dllexport)
#else
#define SNORKEL_TORCH_PUBLIC __attribute__((visibility("default")))
#endif

namespace snorkel_torch {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (!env.GetInstanceData<Environment>()) Environment::Create(env);
  InitTensor(exports);
  InitElements(exports);
  InitIndexing(exports);
  InitOperators(exports);
  InitAutograd(exports);
  InitAutocast(exports);
  InitRandom(exports);
  InitDevice(exports);
  InitCudaLibrary(exports);
  InitMappedFile(exports);
  InitModule(exports);
  InitBatchNorm(exports);
  InitScriptModule(exports);
  InitOptimizer(exports);
  InitClip(exports);
  InitSchedules(exports);
  InitEpilogue(exports);
  InitGradientSums(exports);
  InitProgram(exports);
  InitTrainingThread(exports);
  return exports;
}

}  // namespace snorkel_torch

extern "C" SNORKEL_TORCH_PUBLIC napi_value snorkel_torch_shim_init(napi_env env, napi_value exports) {
  return Napi::RegisterModule(env, exports, snorkel_torch::Init);
}
