// What a step must not do to be recorded: a program is valid only if nothing in it depends on values.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>

#include <optional>
#include <string>

namespace snorkel_torch {

/// Why no program can hold a call of the operator; nothing if one can.
std::optional<std::string> RefusalOf(const c10::OperatorHandle& op, c10::ArrayRef<c10::IValue> arguments);

/// The same for an operator that is made of others and reads values between them.
std::optional<std::string> RefusalOfComposite(const c10::OperatorName& op);

/// Why no program can hold the tensor: it is no plain memory.
std::optional<std::string> RefusalOf(const at::Tensor& tensor);

/// Whether an argument that is no tensor can be given again in another step: numbers, text, lists of them.
bool CanBeRepeated(const c10::IValue& value);

}  // namespace snorkel_torch
