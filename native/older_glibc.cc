#include "native/older_glibc.h"

#ifdef __GLIBC__
// glibc has it since 2.32, and libstdc++ leaves atomic operations out where it is not 0. Node has several
// threads anyway.
extern "C" {
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;
}
#endif
