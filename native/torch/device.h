// Devices, threads and the version of LibTorch.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "native/boundary/convert.h"
#include "native/boundary/guard.h"

namespace snorkel_torch {

/// The device of a string such as "cpu" or "cuda:1"; "auto" is the first CUDA device where there is one, else
/// the CPU.
/// @throws std::invalid_argument if it names none, or one that is not there: never a silent fall-back.
c10::Device ReadDevice(const Napi::Value& value, const Name& name);

void InitDevice(Napi::Object exports);

}  // namespace snorkel_torch
