#include "native/torch/operators.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "native/boundary/convert.h"
#include "native/engine/recorder.h"
#include "native/torch/arguments.h"
#include "native/torch/dtype.h"
#include "native/torch/guards.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

struct Overload {
  c10::OperatorHandle handle;
  std::vector<Argument> arguments;
  size_t schema_size;  // one less than the arguments where a factory also takes requiresGrad
  bool returns_dtype;
  bool writes;          // into an argument
  ArgumentGuard guard;  // or nullptr
};

// The overloads of one public name, in the order in which they are tried.
struct Operator {
  std::string where;  // "torch.linalg.norm"
  std::vector<Overload> overloads;
};

// As in Python, what makes a tensor by dtype and device can also make it a leaf that requires a gradient.
Argument RequiresGrad() {
  Argument argument{};
  argument.name = "requiresGrad";
  argument.kind = Kind::kBool;
  argument.is_keyword = true;
  argument.default_value = false;
  return argument;
}

std::optional<Overload> FindOverload(const std::string& schema) {
  const size_t dot = schema.find('.', schema.find("::"));
  const std::string name = schema.substr(0, dot);
  const auto handle =
      c10::Dispatcher::singleton().findSchema({name, dot == std::string::npos ? "" : schema.substr(dot + 1)});
  if (!handle) return std::nullopt;
  auto arguments = ReadArguments(handle->schema());
  if (!arguments) return std::nullopt;
  const size_t size = arguments->size();
  const bool is_factory = std::any_of(arguments->begin(), arguments->end(),
                                      [](const Argument& argument) { return argument.name == "pinMemory"; });
  if (is_factory) arguments->push_back(RequiresGrad());
  const auto& returns = handle->schema().returns();
  const bool returns_dtype =
      returns.size() == 1 && returns[0].real_type()->kind() == c10::TypeKind::ScalarTypeType;
  const bool writes = std::any_of(arguments->begin(), arguments->end(),
                                  [](const Argument& argument) { return argument.is_written; });
  return Overload{*handle, *std::move(arguments), size, returns_dtype, writes, FindGuard(name)};
}

void CheckWritten(Napi::Env env, const Overload& overload, const torch::jit::Stack& stack) {
  for (size_t i = 0; i < stack.size(); i++) {
    if (!overload.arguments[i].is_written) continue;
    if (stack[i].isTensor()) CheckWritable(env, stack[i].toTensor());
    if (!stack[i].isTensorList()) continue;
    for (const at::Tensor& tensor : stack[i].toTensorVector()) CheckWritable(env, tensor);
  }
}

Napi::Value CallOverload(Napi::Env env, const Overload& overload, const Binding& binding) {
  torch::jit::Stack stack = MakeStack(overload.arguments, overload.schema_size, binding);
  if (overload.writes) CheckWritten(env, overload, stack);
  if (overload.guard) {
    const WithoutRecorder hidden;
    overload.guard(stack);
  }
  if (overload.guard) Recorder::NoteGuard(overload.handle, overload.guard, stack);
  overload.handle.callBoxed(&stack);
  if (overload.schema_size < overload.arguments.size()) {
    const Given* requires_grad = binding.values[overload.schema_size];
    if (requires_grad && ReadBoolean(requires_grad->value, "requiresGrad"))
      stack[0].toTensor().set_requires_grad(true);
  }
  if (stack.empty()) return env.Undefined();
  if (overload.returns_dtype) return Napi::String::New(env, DtypeName(stack[0].toScalarType()));
  if (stack.size() == 1) return MakeResult(env, stack[0], overload.arguments, binding);
  Napi::Array results = Napi::Array::New(env, stack.size());
  for (size_t i = 0; i < stack.size(); i++) {
    results.Set(static_cast<uint32_t>(i), MakeResult(env, stack[i], overload.arguments, binding));
  }
  return results;
}

std::string Mismatch(const Operator& op, const GivenArguments& given, const Binding& binding) {
  if (op.overloads.size() == 1) return Explain(op.overloads[0].arguments, given, binding);
  std::string text =
      "expected the arguments of one of its forms, got " + given.Describe() + ". The forms are";
  for (const Overload& overload : op.overloads) text += "\n  " + Signature(op.where, overload.arguments);
  return text;
}

Napi::Value CallOperator(const Operator& op, const Napi::CallbackInfo& info) {
  const GivenArguments given(info);
  Binding binding;
  for (const Overload& overload : op.overloads) {
    binding = Bind(overload.arguments, given);
    if (binding.fits) return CallOverload(info.Env(), overload, binding);
  }
  throw std::invalid_argument(Mismatch(op, given, binding));
}

// operator(name, schemas): a function that calls the ATen operators of these names ("aten::add.Tensor"),
// whichever fits first. Overloads that this LibTorch does not have are left out.
Napi::Value MakeOperator(const Napi::CallbackInfo& info) {
  auto op = std::make_unique<Operator>();
  const std::string name = ReadString(info[0], "name");
  op->where = "torch." + name;
  for (const std::string& schema : ReadStrings(info[1], "schemas")) {
    if (auto overload = FindOverload(schema)) op->overloads.push_back(*std::move(overload));
  }
  if (op->overloads.empty()) throw std::invalid_argument("this LibTorch has no operator " + name);
  const auto call = [](const Napi::CallbackInfo& call_info) {
    const auto& self = *static_cast<const Operator*>(call_info.Data());
    return Guard(call_info.Env(), self.where, [&] { return CallOperator(self, call_info); });
  };
  Napi::Function function = Napi::Function::New(info.Env(), call, name, op.get());
  function.AddFinalizer([](Napi::Env, Operator* self) { delete self; }, op.release());
  return function;
}

// operatorSchemas(): the full schema of every operator that LibTorch has, for tools and tests.
Napi::Value OperatorSchemas(const Napi::CallbackInfo& info) {
  Napi::Array schemas = Napi::Array::New(info.Env());
  uint32_t count = 0;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames()) {
    const auto handle = c10::Dispatcher::singleton().findSchema(name);
    if (handle) schemas.Set(count++, Napi::String::New(info.Env(), c10::toString(handle->schema())));
  }
  return schemas;
}

constexpr Entry kEntries[] = {{"operator", MakeOperator}, {"operatorSchemas", OperatorSchemas}};

}  // namespace

void InitOperators(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
