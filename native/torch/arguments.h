// Arguments of ATen operators: from the values that a call was given to the operator's stack, and results
// back.
//
// The number rules, in one place (docs/numbers.md tells users):
//   int, SymInt   a whole number below 2^53, as a number or a BigInt; of all 64 bits only where random
//   integers are bounded,
//                 since sums of sizes, strides and paddings past 2^53 overflow inside LibTorch
//   float         any number, NaN and infinities too; never a BigInt
//   bool          a boolean
//   Scalar        a boolean or BigInt is what it is; a number is an integer if it is whole and the tensor it
//   meets (the
//                 explicit dtype, else the first tensor argument) is of an integer or boolean dtype, where -0
//                 is 0; else it is a float, so that 2 and 2.0 mean the same.
#pragma once

#include <ATen/core/stack.h>
#include <c10/util/SmallVector.h>

#include <memory>
#include <string>
#include <vector>

#include "native/boundary/napi.h"
#include "native/torch/given.h"
#include "native/torch/schema.h"

namespace snorkel_torch {

/// The given values by argument; nullptr where the default is meant.
struct Binding {
  c10::SmallVector<const Given*, 8> values;
  /// The integers of `x.view(2, 3)`, which are one argument.
  std::unique_ptr<Given> variadic;
  /// False if the call does not fit the arguments; `problem` and `subject` then say why.
  bool fits = true;
  enum class Problem { kNone, kTooMany, kUnknownOption, kMissing, kWrongKind } problem = Problem::kNone;
  size_t subject = 0;  // of the given options for kUnknownOption, else of the arguments
};

/// Which value is for which argument, if each is of its argument's kind. Cheap where it is not: overloads are
/// tried in turn.
Binding Bind(const std::vector<Argument>& arguments, const GivenArguments& given);

/// Why a binding does not fit.
std::string Explain(const std::vector<Argument>& arguments, const GivenArguments& given,
                    const Binding& binding);

/// The stack to call the operator with: the first `count` arguments. The binding must fit.
torch::jit::Stack MakeStack(const std::vector<Argument>& arguments, size_t count, const Binding& binding);

/// A result in JavaScript. A tensor that was changed in place is the very object that was given; every other
/// one is a new object, which can be disposed by itself.
Napi::Value MakeResult(Napi::Env env, const c10::IValue& value, const std::vector<Argument>& arguments,
                       const Binding& binding);

}  // namespace snorkel_torch
