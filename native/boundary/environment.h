// What belongs to one JavaScript environment (the main thread or a worker) and dies with it.
#pragma once

#include "native/boundary/in_use.h"
#include "native/boundary/memory.h"
#include "native/boundary/napi.h"

namespace snorkel_torch {

struct Environment {
  explicit Environment(Napi::Env env) : memory(env) {}

  /// The TypeScript class whose instances carry a tensor; set once by `setTensorClass`.
  Napi::FunctionReference tensor_class;
  /// The tensors that JavaScript objects hold.
  LiveMemory memory;
  /// What threads train with.
  InUse in_use;

  /// Creates the environment's state; called once, when the shim is opened.
  static void Create(Napi::Env env) { env.SetInstanceData(new Environment(env)); }
  static Environment& Of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }
};

}  // namespace snorkel_torch
