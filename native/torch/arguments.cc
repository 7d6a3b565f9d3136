#include "native/torch/arguments.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "native/boundary/convert.h"
#include "native/torch/device.h"
#include "native/torch/dtype.h"
#include "native/torch/random.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

using Type = Given::Type;

constexpr std::pair<const char*, c10::MemoryFormat> kMemoryFormats[] = {
    {"contiguous_format", c10::MemoryFormat::Contiguous},
    {"preserve_format", c10::MemoryFormat::Preserve},
    {"channels_last", c10::MemoryFormat::ChannelsLast},
    {"channels_last_3d", c10::MemoryFormat::ChannelsLast3d},
};

bool IsOfKind(Kind kind, const Given& given) {
  switch (kind) {
    case Kind::kTensor: return given.type == Type::kTensor;
    case Kind::kInt: return given.IsInteger();
    case Kind::kFloat: return given.type == Type::kNumber;
    case Kind::kBool: return given.type == Type::kBoolean;
    case Kind::kScalar:
      return given.type == Type::kNumber || given.type == Type::kBigInt || given.type == Type::kBoolean;
    case Kind::kGenerator: return given.type == Type::kGenerator;
    default: return given.type == Type::kString;
  }
}

bool IsAbsent(const Given& given) { return given.type == Type::kNull || given.type == Type::kUndefined; }

bool IsOf(const Argument& argument, const Given& given) {
  if (given.type == Type::kNull) return argument.is_optional;
  if (!argument.is_list) return IsOfKind(argument.kind, given);
  if (given.type != Type::kArray) return argument.size && IsOfKind(argument.kind, given);
  return std::all_of(given.elements.begin(), given.elements.end(), [&](const Given& element) {
    return IsOfKind(argument.kind, element) || (argument.has_optional_elements && IsAbsent(element));
  });
}

// Whether a whole number is an integer where a Scalar is asked for: see the rules in the header. Looked up
// once per call, and only where a number meets a Scalar.
class ScalarRule {
 public:
  ScalarRule(const std::vector<Argument>& arguments, const Binding& binding)
      : arguments_(arguments), binding_(binding) {}

  bool NumbersAreIntegers() {
    if (!integers_) integers_ = Decide();
    return *integers_;
  }

 private:
  bool Decide() const {
    const at::Tensor* first = nullptr;
    for (size_t i = 0; i < arguments_.size(); i++) {
      const Given* given = binding_.values[i];
      if (!given) continue;
      if (arguments_[i].kind == Kind::kDtype && given->type == Type::kString) {
        return c10::isIntegralType(ReadDtype(given->value, arguments_[i].name), true);
      }
      if (given->type == Type::kArray && !given->elements.empty()) given = &given->elements.front();
      if (!first && given->tensor.defined()) first = &given->tensor;
    }
    return first && c10::isIntegralType(first->scalar_type(), true);
  }

  const std::vector<Argument>& arguments_;
  const Binding& binding_;
  std::optional<bool> integers_;
};

at::Scalar ReadScalar(const Given& given, const std::string& name, ScalarRule& rule) {
  if (given.type == Type::kBoolean) return at::Scalar(given.value.As<Napi::Boolean>().Value());
  if (given.type == Type::kBigInt) return at::Scalar(ReadInteger(given.value, name));
  if (given.IsSafeInteger() && rule.NumbersAreIntegers())
    return at::Scalar(static_cast<int64_t>(given.number));
  return at::Scalar(given.number);
}

c10::MemoryFormat ReadMemoryFormat(const Napi::Value& value, const std::string& name) {
  const std::string text = ReadString(value, name);
  for (const auto& [known, format] : kMemoryFormats) {
    if (text == known) return format;
  }
  ThrowExpected("contiguous_format, preserve_format, channels_last or channels_last_3d", name, value);
}

c10::Layout ReadLayout(const Napi::Value& value, const std::string& name) {
  if (ReadString(value, name) != "strided") ThrowExpected("\"strided\"", name, value);
  return c10::kStrided;
}

int64_t ReadInteger(const Argument& argument, const Given& given) {
  if (given.type == Type::kNumber) return static_cast<int64_t>(given.number);
  const int64_t integer = snorkel_torch::ReadInteger(given.value, argument.name);
  if (!argument.is_wide && std::abs(static_cast<double>(integer)) > kMaxSafeInteger) {
    ThrowExpected("an integer below 2^53", argument.name, given.value);
  }
  return integer;
}

c10::IValue ReadElement(const Argument& argument, const Given& given, ScalarRule& rule) {
  const std::string& name = argument.name;
  switch (argument.kind) {
    case Kind::kTensor: return given.tensor.defined() ? given.tensor : ReadTensor(given.value, name);
    case Kind::kInt: return ReadInteger(argument, given);
    case Kind::kFloat: return given.number;
    case Kind::kBool: return ReadBoolean(given.value, name);
    case Kind::kScalar: return ReadScalar(given, name, rule);
    case Kind::kString: return ReadString(given.value, name);
    case Kind::kDtype: return ReadDtype(given.value, name);
    case Kind::kDevice: return ReadDevice(given.value, name);
    case Kind::kMemoryFormat: return ReadMemoryFormat(given.value, name);
    case Kind::kGenerator: return Unwrap<at::Generator>(given.value, name);
    case Kind::kLayout: return ReadLayout(given.value, name);
  }
  ThrowExpected("another kind of value", name, given.value);
}

c10::IValue ReadList(const Argument& argument, const Given& given, ScalarRule& rule) {
  c10::impl::GenericList list(argument.element_type);
  if (given.type != Type::kArray) {
    const c10::IValue element = ReadElement(argument, given, rule);
    for (int32_t i = 0; i < *argument.size; i++) list.push_back(element);
    return list;
  }
  list.reserve(given.elements.size());
  for (const Given& element : given.elements) {
    const bool absent = argument.has_optional_elements && IsAbsent(element);
    list.push_back(absent ? c10::IValue() : ReadElement(argument, element, rule));
  }
  return list;
}

Binding Fail(Binding binding, Binding::Problem problem, size_t subject) {
  binding.fits = false;
  binding.problem = problem;
  binding.subject = subject;
  return binding;
}

size_t FindArgument(const std::vector<Argument>& arguments, const std::string& name) {
  const auto found = std::find_if(arguments.begin(), arguments.end(),
                                  [&](const Argument& argument) { return argument.name == name; });
  return static_cast<size_t>(found - arguments.begin());
}

size_t CountPositional(const std::vector<Argument>& arguments) {
  const auto keyword = std::find_if(arguments.begin(), arguments.end(),
                                    [](const Argument& argument) { return argument.is_keyword; });
  return static_cast<size_t>(keyword - arguments.begin());
}

// Where the only argument besides a tensor is a list of integers, they may be given one by one, as in Python:
// the position of the list, if they are.
std::optional<size_t> FindVariadic(const std::vector<Argument>& arguments, const GivenArguments& given) {
  const size_t count = CountPositional(arguments);
  if (count != 2 || given.positional.size() < 2 || arguments[0].kind != Kind::kTensor) return std::nullopt;
  const Argument& list = arguments[1];
  const bool takes_list = list.is_list && list.kind == Kind::kInt && !list.size;
  const bool are_integers = std::all_of(given.positional.begin() + 1, given.positional.end(),
                                        [](const Given& value) { return value.IsInteger(); });
  return takes_list && are_integers ? std::optional<size_t>(1) : std::nullopt;
}

}  // namespace

Binding Bind(const std::vector<Argument>& arguments, const GivenArguments& given) {
  Binding binding;
  binding.values.resize(arguments.size(), nullptr);
  size_t by_position = given.positional.size();
  if (const auto list = FindVariadic(arguments, given)) {
    binding.variadic =
        std::make_unique<Given>(Given::Array(given.positional.begin() + *list, given.positional.end()));
    binding.values[*list] = binding.variadic.get();
    by_position = *list;
  }
  for (size_t i = 0; i < by_position; i++) {
    if (i >= arguments.size() || arguments[i].is_keyword)
      return Fail(std::move(binding), Binding::Problem::kTooMany, i);
    if (given.positional[i].type != Type::kUndefined) binding.values[i] = &given.positional[i];
  }
  for (size_t i = 0; i < given.options.size(); i++) {
    const size_t index = FindArgument(arguments, given.options[i].name);
    if (index == arguments.size() || index < by_position || binding.values[index]) {
      return Fail(std::move(binding), Binding::Problem::kUnknownOption, i);
    }
    if (given.options[i].given.type != Type::kUndefined) binding.values[index] = &given.options[i].given;
  }
  for (size_t i = 0; i < arguments.size(); i++) {
    if (!binding.values[i]) {
      if (!arguments[i].default_value) return Fail(std::move(binding), Binding::Problem::kMissing, i);
    } else if (!IsOf(arguments[i], *binding.values[i])) {
      return Fail(std::move(binding), Binding::Problem::kWrongKind, i);
    }
  }
  return binding;
}

std::string Explain(const std::vector<Argument>& arguments, const GivenArguments& given,
                    const Binding& binding) {
  switch (binding.problem) {
    case Binding::Problem::kNone: return "";
    case Binding::Problem::kTooMany:
      return "expected at most " + std::to_string(CountPositional(arguments)) +
             " arguments by position, got " + std::to_string(given.positional.size());
    case Binding::Problem::kMissing:
      return "expected " + Expectation(arguments[binding.subject]) + " for " +
             arguments[binding.subject].name + ", got undefined";
    case Binding::Problem::kWrongKind:
      return "expected " + Expectation(arguments[binding.subject]) + " for " +
             arguments[binding.subject].name + ", got " + binding.values[binding.subject]->Describe();
    case Binding::Problem::kUnknownOption: break;
  }
  const std::string& name = given.options[binding.subject].name;
  if (FindArgument(arguments, name) < arguments.size())
    return "expected " + name + " once, got it by position and by name";
  std::string names;
  for (size_t i = given.positional.size(); i < arguments.size(); i++) {
    names += (names.empty() ? "" : ", ") + arguments[i].name;
  }
  return "expected options among [" + names + "], got \"" + name + "\"";
}

torch::jit::Stack MakeStack(const std::vector<Argument>& arguments, size_t count, const Binding& binding) {
  ScalarRule rule(arguments, binding);
  torch::jit::Stack stack;
  stack.reserve(count);
  for (size_t i = 0; i < count; i++) {
    const Argument& argument = arguments[i];
    const Given* given = binding.values[i];
    if (!given) {
      stack.push_back(*argument.default_value);
    } else if (given->type == Type::kNull) {
      stack.emplace_back();
    } else {
      stack.push_back(argument.is_list ? ReadList(argument, *given, rule)
                                       : ReadElement(argument, *given, rule));
    }
  }
  return stack;
}

Napi::Value MakeResult(Napi::Env env, const c10::IValue& value, const std::vector<Argument>& arguments,
                       const Binding& binding) {
  if (value.isTensor()) {
    for (size_t i = 0; i < arguments.size(); i++) {
      const bool is_same = arguments[i].is_written && binding.values[i] &&
                           binding.values[i]->tensor.unsafeGetTensorImpl() == value.unsafeToTensorImpl();
      if (is_same) return binding.values[i]->value;
    }
    return MakeTensor(env, value.toTensor());
  }
  if (value.isNone()) return env.Null();
  if (value.isBool()) return Napi::Boolean::New(env, value.toBool());
  if (value.isInt()) return MakeInteger(env, value.toInt());
  if (value.isSymInt()) return MakeInteger(env, value.toSymInt().expect_int());
  if (value.isDouble()) return Napi::Number::New(env, value.toDouble());
  if (value.isString()) return Napi::String::New(env, value.toStringRef());
  if (value.isScalar()) throw std::invalid_argument("a complex result cannot be given to JavaScript");
  // A list of tensors or of numbers keeps no IValues of its own, so it is copied.
  if (value.isList() || value.isTuple()) {
    const auto elements = value.isTuple() ? value.toTupleRef().elements().vec() : value.toListRef().vec();
    Napi::Array array = Napi::Array::New(env, elements.size());
    for (size_t i = 0; i < elements.size(); i++) {
      array.Set(static_cast<uint32_t>(i), MakeResult(env, elements[i], arguments, binding));
    }
    return array;
  }
  if (value.isDevice()) return Napi::String::New(env, value.toDevice().str());
  throw std::invalid_argument("a result of type " + value.tagKind() + " cannot be given to JavaScript");
}

}  // namespace snorkel_torch
