// Records and programs in JavaScript.
#pragma once

#include <memory>
#include <vector>

#include "native/boundary/guard.h"
#include "native/boundary/handle.h"
#include "native/engine/arena.h"
#include "native/engine/program.h"
#include "native/engine/record.h"

namespace snorkel_torch {

template <>
struct HandleType<Record> {
  static constexpr napi_type_tag tag = {0x8a1de1f0c2c94b31ULL, 0xa3d77d90bb0e4c11ULL};
  static constexpr const char* name = "Record";
};

template <>
struct HandleType<std::shared_ptr<Arena>> {
  static constexpr napi_type_tag tag = {0x31b7a2c86f5d4e02ULL, 0x9e61c0a4d7f34b12ULL};
  static constexpr const char* name = "Arena";
};

/// Shared with a thread that runs it.
template <>
struct HandleType<std::shared_ptr<Program>> {
  static constexpr napi_type_tag tag = {0xd94c3e7a15b24f03ULL, 0x84f2b6c1e09d4d13ULL};
  static constexpr const char* name = "Program";
};

/// Copies values into the inputs of a program.
/// @throws std::invalid_argument unless they are as many, of its shapes and dtypes; then nothing is copied.
void FillInputs(Program& program, const std::vector<at::Tensor>& values);

void InitProgram(Napi::Object exports);

}  // namespace snorkel_torch
