#include "native/engine/thread_pool.h"

#include <ATen/Parallel.h>

#ifndef _WIN32
#include <dlfcn.h>
#endif

namespace snorkel_torch {

void ReleaseThreadPool() {
#ifndef _WIN32
  // LibTorch brings its own OpenMP, which is in the process by now. 1 is omp_pause_soft.
  using Pause = int (*)(int);
  static const auto pause = reinterpret_cast<Pause>(dlsym(RTLD_DEFAULT, "omp_pause_resource_all"));
  if (pause != nullptr && at::get_num_threads() > 1) pause(1);
#endif
}

}  // namespace snorkel_torch
