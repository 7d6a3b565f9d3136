#include "native/engine/refusals.h"

#include <ATen/core/enum_tag.h>
#include <ATen/core/jit_type.h>

#include <unordered_set>

namespace snorkel_torch {
namespace {

// Operators whose results depend on values though their tags do not say so.
const std::unordered_set<std::string>& Untagged() {
  static const std::unordered_set<std::string> names = {
      "aten::_pack_padded_sequence",
      "aten::_pad_packed_sequence",
      "aten::record_stream",
      "aten::set_data",
  };
  return names;
}

// They look at the numbers in a tensor without a call of an operator.
const std::unordered_set<c10::OperatorName>& Readers() {
  static const std::unordered_set<c10::OperatorName> names = {
      {"aten::ctc_loss", "Tensor"}, {"aten::gru", "data"},
      {"aten::lstm", "data"},       {"aten::rnn_relu", "data"},
      {"aten::rnn_tanh", "data"},   {"aten::tensor_split", "tensor_indices_or_sections"},
  };
  return names;
}

// The parts of an optimizer: its rates and counts are numbers that change from step to step.
bool IsOfOptimizer(const std::string& name) {
  static const std::unordered_set<std::string> fused = {"aten::_fused_adagrad_", "aten::_fused_adam_",
                                                        "aten::_fused_adamw_", "aten::_fused_sgd_"};
  return name.starts_with("aten::_foreach_") || fused.count(name) > 0;
}

// Of the operators whose shapes depend on values, those do so only where a mask picks elements.
bool PicksByMask(const c10::OperatorHandle& op, c10::ArrayRef<c10::IValue> arguments) {
  if (op.schema().name() != "aten::index" || !arguments[1].isOptionalTensorList()) return true;
  for (const std::optional<at::Tensor> index : arguments[1].toOptionalTensorList()) {
    if (index && index->defined() &&
        (index->scalar_type() == c10::kBool || index->scalar_type() == c10::kByte))
      return true;
  }
  return false;
}

bool IsTensorType(const c10::TypePtr& type) {
  if (type->kind() == c10::TypeKind::TensorType) return true;
  return type->kind() == c10::TypeKind::ListType &&
         type->expectRef<c10::ListType>().getElementType()->kind() == c10::TypeKind::TensorType;
}

}  // namespace

std::optional<std::string> RefusalOf(const c10::OperatorHandle& op, c10::ArrayRef<c10::IValue> arguments) {
  const std::string name = c10::toString(op.operator_name());
  if (op.hasTag(at::Tag::data_dependent_output)) return name + " reads a value";
  const bool has_dynamic_shape = op.hasTag(at::Tag::dynamic_output_shape) && PicksByMask(op, arguments);
  if (has_dynamic_shape || Untagged().count(op.schema().name()) > 0)
    return name + " has a result whose shape depends on values";
  if (IsOfOptimizer(op.schema().name())) return name + " is a part of an optimizer's step";
  if (op.schema().returns().empty()) return name + " returns nothing";
  for (const c10::Argument& result : op.schema().returns()) {
    if (!IsTensorType(result.type())) return name + " returns something other than tensors";
  }
  return std::nullopt;
}

std::optional<std::string> RefusalOfComposite(const c10::OperatorName& op) {
  if (Readers().count(op) > 0) return c10::toString(op) + " reads values";
  return std::nullopt;
}

std::optional<std::string> RefusalOf(const at::Tensor& tensor) {
  if (!tensor.is_cpu() && !tensor.is_cuda()) return "a tensor is on " + tensor.device().str();
  if (tensor.layout() != c10::kStrided || tensor.is_nested() || !tensor.has_storage())
    return std::string("a tensor is not dense");
  if (tensor.is_conj() || tensor.is_neg() || tensor._is_zerotensor())
    return std::string("a tensor is a conjugate, a negative or a zero that is still to be computed");
  if (tensor.is_quantized()) return std::string("a tensor is quantized");
  return std::nullopt;
}

bool CanBeRepeated(const c10::IValue& value) {
  if (value.isNone() || value.isScalar() || value.isString() || value.isDevice() || value.isGenerator())
    return true;
  if (value.isTensor()) return !value.toTensor().defined();
  if (value.isBoolList() || value.isIntList() || value.isDoubleList()) return true;
  if (!value.isList()) return false;
  for (const c10::IValue& element : value.toListRef()) {
    if (!CanBeRepeated(element)) return false;
  }
  return true;
}

}  // namespace snorkel_torch
