#pragma once

// What is compiled on a newer Linux runs on one with glibc 2.28, as LibTorch does: these functions are asked
// for under the versions that they had there. They have kept what they do; glibc moved them between its
// libraries, or made `pow` set `errno` by itself. scripts/check-prebuild.mjs finds what is missing here.
#if defined(__linux__) && defined(__x86_64__)
#define SNORKEL_TORCH_OLDEST_GLIBC "GLIBC_2.2.5"
#elif defined(__linux__) && defined(__aarch64__)
#define SNORKEL_TORCH_OLDEST_GLIBC "GLIBC_2.17"
#endif

#ifdef SNORKEL_TORCH_OLDEST_GLIBC
#include <features.h>
#ifdef __GLIBC__
#define SNORKEL_TORCH_OLDER(name) __asm__(".symver " #name "," #name "@" SNORKEL_TORCH_OLDEST_GLIBC)
SNORKEL_TORCH_OLDER(dlerror);
SNORKEL_TORCH_OLDER(dlopen);
SNORKEL_TORCH_OLDER(dlsym);
SNORKEL_TORCH_OLDER(pow);
SNORKEL_TORCH_OLDER(pthread_once);
#undef SNORKEL_TORCH_OLDER
// std::condition_variable::wait, which libstdc++ has had since GCC 4.4.
__asm__(
    ".symver _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE,"
    "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE@GLIBCXX_3.4.11");
#endif
#endif
