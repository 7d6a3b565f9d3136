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

bool IsTensorType(const c10::TypePtr& type) {
  if (type->kind() == c10::TypeKind::TensorType) return true;
  return type->kind() == c10::TypeKind::ListType &&
         type->expectRef<c10::ListType>().getElementType()->kind() == c10::TypeKind::TensorType;
}

}  // namespace

std::optional<std::string> RefusalOf(const c10::OperatorHandle& op) {
  const std::string name = c10::toString(op.operator_name());
  if (op.hasTag(at::Tag::data_dependent_output)) return name + " reads a value";
  if (op.hasTag(at::Tag::dynamic_output_shape) || Untagged().count(op.schema().name()) > 0)
    return name + " has a result whose shape depends on values";
  if (op.hasTag(at::Tag::inplace_view)) return name + " changes the shape or the memory of a tensor in place";
  for (const c10::Argument& result : op.schema().returns()) {
    if (!IsTensorType(result.type())) return name + " returns something other than tensors";
  }
  return std::nullopt;
}

std::optional<std::string> RefusalOf(const at::Tensor& tensor) {
  if (tensor.layout() != c10::kStrided || tensor.is_nested() || !tensor.has_storage())
    return std::string("a tensor is not dense");
  if (tensor.is_conj() || tensor.is_neg() || tensor._is_zerotensor())
    return std::string("a tensor is a conjugate, a negative or a zero that is still to be computed");
  if (tensor.is_quantized()) return std::string("a tensor is quantized");
  return std::nullopt;
}

bool CanBeRepeated(const c10::IValue& value) {
  if (value.isNone() || value.isScalar() || value.isString() || value.isDevice() || value.isGenerator()) return true;
  if (value.isTensor()) return !value.toTensor().defined();
  if (value.isBoolList() || value.isIntList() || value.isDoubleList()) return true;
  if (!value.isList()) return false;
  for (const c10::IValue& element : value.toListRef()) {
    if (!CanBeRepeated(element)) return false;
  }
  return true;
}

}  // namespace snorkel_torch
