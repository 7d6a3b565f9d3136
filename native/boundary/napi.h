// The one include site of Node-API: the other switches (NAPI_VERSION, C++ exceptions) come from
// CMakeLists.txt.
#pragma once

// An exception that cannot be thrown because its environment is ending (worker.terminate()) is dropped; by
// default it would end the process.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#include <napi.h>
