// Values between JavaScript and TorchScript, by the types that a method declares.
#pragma once

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <vector>

#include "native/boundary/napi.h"

namespace snorkel_torch {

/// The arguments of a method, from an array of what was given for those after `self`. Each is checked: a
/// Tensor, int (a whole number or a bigint), float, bool, str, device, Optional (null), a list or tuple (an
/// array), a dict (an object, or an array of pairs where the keys are not strings). `undefined` means the
/// default.
/// @throws std::invalid_argument naming the argument and its type.
std::vector<c10::IValue> ReadScriptArguments(const c10::FunctionSchema& schema, const Napi::Value& given);

/// What a method returned, in the same form.
Napi::Value MakeScriptValue(Napi::Env env, const c10::IValue& value);

}  // namespace snorkel_torch
