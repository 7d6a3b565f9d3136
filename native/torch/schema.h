// What ATen says about an operator's arguments, in the form in which JavaScript gives them.
#pragma once

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <optional>
#include <string>
#include <vector>

namespace snorkel_torch {

/// The kinds of value that an argument is made of; the element's kind for a list.
enum class Kind {
  kTensor,
  kInt,
  kFloat,
  kBool,
  kScalar,
  kString,
  kDtype,
  kLayout,
  kMemoryFormat,
  kDevice,
  kGenerator
};

/// One argument of an operator, as JavaScript gives it.
struct Argument {
  std::string name;  // camelCase
  Kind kind;
  bool is_optional;                          // may be null
  bool is_list;                              // an array
  bool has_optional_elements;                // an array with nulls
  bool is_keyword;                           // only in the options object
  bool is_written;                           // changed in place, and returned
  bool is_wide;                              // an integer of all 64 bits, where others end at 2^53
  std::optional<int32_t> size;               // int[2]: one number stands for two
  std::optional<c10::IValue> default_value;  // else it must be given
  c10::TypePtr element_type;                 // of a list
};

/// "index_select" -> "indexSelect"; a trailing underscore stays.
std::string CamelCase(const std::string& name);

/// The arguments of a schema; nothing if one is of a type that JavaScript cannot give.
std::optional<std::vector<Argument>> ReadArguments(const c10::FunctionSchema& schema);

/// What an argument takes, in words: "array of integer or null".
std::string Expectation(const Argument& argument);

/// How the operator is called: `torch.add(self: Tensor, other: Tensor, { alpha?: number, bigint or boolean
/// })`.
std::string Signature(const std::string& name, const std::vector<Argument>& arguments);

}  // namespace snorkel_torch
