#include "native/torch/schema.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace snorkel_torch {
namespace {

constexpr std::pair<c10::TypeKind, Kind> kKinds[] = {
    {c10::TypeKind::TensorType, Kind::kTensor},    {c10::TypeKind::IntType, Kind::kInt},
    {c10::TypeKind::SymIntType, Kind::kInt},       {c10::TypeKind::FloatType, Kind::kFloat},
    {c10::TypeKind::BoolType, Kind::kBool},        {c10::TypeKind::NumberType, Kind::kScalar},
    {c10::TypeKind::StringType, Kind::kString},    {c10::TypeKind::ScalarTypeType, Kind::kDtype},
    {c10::TypeKind::LayoutType, Kind::kLayout},    {c10::TypeKind::MemoryFormatType, Kind::kMemoryFormat},
    {c10::TypeKind::DeviceObjType, Kind::kDevice}, {c10::TypeKind::GeneratorType, Kind::kGenerator},
};

// Whose integers are elements, not sizes or positions.
constexpr const char* kWide[] = {"aten::random_", "aten::randint", "aten::randint_like"};

const char* KindName(Kind kind) {
  switch (kind) {
    case Kind::kTensor: return "Tensor";
    case Kind::kInt: return "integer";
    case Kind::kFloat: return "number";
    case Kind::kBool: return "boolean";
    case Kind::kScalar: return "number, bigint or boolean";
    case Kind::kString: return "string";
    case Kind::kDtype: return "dtype";
    case Kind::kLayout: return "layout";
    case Kind::kMemoryFormat: return "memory format";
    case Kind::kDevice: return "device";
    case Kind::kGenerator: return "Generator";
  }
  return "value";
}

// The type inside an optional one, which is noted in `is_optional`.
c10::TypePtr Strip(const c10::TypePtr& type, bool& is_optional) {
  const auto optional = type->cast<c10::OptionalType>();
  is_optional = optional != nullptr;
  return is_optional ? optional->getElementType() : type;
}

std::optional<Argument> ReadArgument(const c10::Argument& declared) {
  Argument argument{};
  argument.name = CamelCase(declared.name());
  argument.is_keyword = declared.kwarg_only();
  argument.is_written = declared.alias_info() && declared.alias_info()->isWrite();
  argument.size = declared.N();
  if (declared.default_value()) argument.default_value = *declared.default_value();
  c10::TypePtr type = Strip(declared.real_type(), argument.is_optional);
  if (const auto list = type->cast<c10::ListType>()) {
    argument.is_list = true;
    // Symbolic sizes are plain numbers here.
    const bool symbolic = list->getElementType()->kind() == c10::TypeKind::SymIntType;
    argument.element_type = symbolic ? c10::TypePtr(c10::IntType::get()) : list->getElementType();
    type = Strip(list->getElementType(), argument.has_optional_elements);
  }
  for (const auto& [type_kind, kind] : kKinds) {
    if (type_kind != type->kind()) continue;
    argument.kind = kind;
    return argument;
  }
  return std::nullopt;
}

}  // namespace

std::string CamelCase(const std::string& name) {
  std::string camel;
  for (size_t i = 0; i < name.size(); i++) {
    const bool joins = name[i] == '_' && i > 0 && i + 1 < name.size() && name[i + 1] != '_';
    camel += joins ? static_cast<char>(std::toupper(name[++i])) : name[i];
  }
  return camel;
}

std::optional<std::vector<Argument>> ReadArguments(const c10::FunctionSchema& schema) {
  std::vector<Argument> arguments;
  const bool is_wide = std::find(std::begin(kWide), std::end(kWide), schema.name()) != std::end(kWide);
  for (const c10::Argument& declared : schema.arguments()) {
    auto argument = ReadArgument(declared);
    if (!argument) return std::nullopt;
    argument->is_wide = is_wide && !argument->is_list;
    arguments.push_back(*std::move(argument));
  }
  return arguments;
}

std::string Expectation(const Argument& argument) {
  std::string text =
      argument.is_list ? std::string("array of ") + KindName(argument.kind) : KindName(argument.kind);
  if (argument.size) text = std::string(KindName(argument.kind)) + " or " + text;
  return argument.is_optional ? text + " or null" : text;
}

std::string Signature(const std::string& name, const std::vector<Argument>& arguments) {
  std::string text = name + "(";
  bool keywords = false;
  for (size_t i = 0; i < arguments.size(); i++) {
    if (i > 0) text += ", ";
    if (arguments[i].is_keyword && !keywords) {
      keywords = true;
      text += "{ ";
    }
    text += arguments[i].name + (arguments[i].default_value ? "?" : "") + ": " + Expectation(arguments[i]);
  }
  return text + (keywords ? " })" : ")");
}

}  // namespace snorkel_torch
