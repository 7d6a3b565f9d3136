#include "native/torch/script_rules.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/graph_iterator.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

namespace snorkel_torch {
namespace {

// What scripts/operators/deny.ts keeps from JavaScript for harm, not for style, and what only TorchScript
// has.
struct Refusal {
  const char* name;
  const char* reason;
};

constexpr Refusal kRefused[] = {
    {"aten::from_file", "reads files by name"},
    {"aten::save", "writes files by name"},
    {"aten::set_", "swaps the memory behind a tensor"},
    {"aten::set_data", "swaps the memory behind a tensor"},
    {"aten::_unsafe_view", "makes a view that autograd does not follow"},
    {"aten::_nested_view_from_buffer", "trusts sizes and offsets that it is given"},
    {"aten::_sparse_coo_tensor_unsafe", "trusts indices that it is given"},
    {"aten::_sparse_compressed_tensor_unsafe", "trusts indices that it is given"},
    {"aten::_sparse_csr_tensor_unsafe", "trusts indices that it is given"},
    {"aten::_sparse_csc_tensor_unsafe", "trusts indices that it is given"},
    {"aten::_sparse_bsr_tensor_unsafe", "trusts indices that it is given"},
    {"aten::_sparse_bsc_tensor_unsafe", "trusts indices that it is given"},
    {"aten::rrelu_with_noise", "writes its noise as if it were contiguous"},
    {"aten::rrelu_with_noise_", "writes its noise as if it were contiguous"},
    {"prim::PythonOp", "calls Python"},
    {"prim::IgnoredPythonOp", "calls Python"},
    {"prim::rpc_async", "calls another process"},
    {"prim::rpc_sync", "calls another process"},
    {"prim::rpc_remote", "calls another process"},
    {"prim::AddStatValue", "writes into the process's statistics"},
};

// Made by LibTorch's optimizer from what a program says, never written into a file; they trust their inputs.
constexpr const char* kInternal[] = {
    "prim::BailOut",
    "prim::BailoutTemplate",
    "prim::ConstantMKLDNNTensor",
    "prim::FallbackGraph",
    "prim::DifferentiableGraph",
    "prim::BroadcastMKLDNNTensors",
    "prim::FusionGroup",
    "prim::FusedConcat",
    "prim::MMTreeReduce",
    "prim::MMBatchSide",
    "prim::Guard",
    "prim::RequiresGradCheck",
    "prim::TypeCheck",
    "prim::StaticSubgraph",
    "prim::StaticRuntimeCopyOuts",
    "prim::TensorExprGroup",
    "prim::TensorExprDynamicGroup",
    "prim::TensorExprDynamicGuard",
    "prim::oneDNNFusionGroup",
    "prim::oneDNNFusionGuard",
    "prim::profile",
    "prim::profile_ivalue",
};

[[noreturn]] void Refuse(const std::string& name, const std::string& reason, const std::string& where) {
  throw std::invalid_argument("expected a program of tensors alone, got a call of " + name + " in " + where +
                              ", which " + reason);
}

void CheckOperator(const std::string& name, const std::string& where) {
  if (!name.starts_with("aten::") && !name.starts_with("prim::")) {
    Refuse(name, "is neither ATen's nor TorchScript's own", where);
  }
  for (const Refusal& refused : kRefused) {
    if (name == refused.name) Refuse(name, refused.reason, where);
  }
  const bool is_internal = std::find(std::begin(kInternal), std::end(kInternal), name) != std::end(kInternal);
  if (is_internal) Refuse(name, "is internal to LibTorch", where);
}

void CheckBlock(const torch::jit::Block& block, const std::string& where) {
  for (const torch::jit::Node* node : block.nodes()) {
    CheckOperator(node->kind().toQualString(), where);
    for (const torch::jit::Block* inner : node->blocks()) CheckBlock(*inner, where);
    for (const auto name : node->attributeNames()) {
      if (node->kindOf(name) == torch::jit::AttributeKind::g) CheckBlock(*node->g(name)->block(), where);
      if (node->kindOf(name) != torch::jit::AttributeKind::gs) continue;
      for (const auto& graph : node->gs(name)) CheckBlock(*graph->block(), where);
    }
  }
}

bool Fits(const c10::IValue& value, const c10::TypePtr& type);

bool AllFit(c10::ArrayRef<c10::IValue> values, const c10::TypePtr& type) {
  return std::all_of(values.begin(), values.end(),
                     [&](const c10::IValue& value) { return Fits(value, type); });
}

bool FitsTuple(const c10::IValue& value, const c10::TypePtr& type) {
  if (!value.isTuple()) return false;
  const auto values = value.toTupleRef().elements().vec();
  const auto types = type->containedTypes();
  if (values.size() != types.size()) return false;
  for (size_t i = 0; i < values.size(); i++) {
    if (!Fits(values[i], types[i])) return false;
  }
  return true;
}

bool FitsDict(const c10::IValue& value, const c10::TypePtr& type) {
  if (!value.isGenericDict()) return false;
  for (const auto& entry : value.toGenericDict()) {
    if (!Fits(entry.key(), type->containedType(0)) || !Fits(entry.value(), type->containedType(1)))
      return false;
  }
  return true;
}

bool Fits(const c10::IValue& value, const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::OptionalType: return value.isNone() || Fits(value, type->containedType(0));
    case c10::TypeKind::ListType: return value.isList() && AllFit(value.toListRef(), type->containedType(0));
    case c10::TypeKind::TupleType: return FitsTuple(value, type);
    case c10::TypeKind::DictType: return FitsDict(value, type);
    case c10::TypeKind::UnionType: {
      const auto types = type->containedTypes();
      return std::any_of(types.begin(), types.end(),
                         [&](const c10::TypePtr& member) { return Fits(value, member); });
    }
    case c10::TypeKind::ClassType:
    case c10::TypeKind::InterfaceType: return value.isObject() && value.type()->isSubtypeOf(*type);
    default: return value.type()->isSubtypeOf(*type);
  }
}

// The objects inside a value, whatever it is.
void Visit(const c10::IValue& value, std::unordered_set<const void*>& seen) {
  value.visit([&](const c10::IValue& inner) {
    if (!inner.isObject()) return false;
    const auto object = inner.toObject();
    if (!seen.insert(object.get()).second) return true;
    const auto type = object->type();
    if (object->slots().size() != type->numAttributes()) {
      throw std::invalid_argument("expected as many values as attributes in an object of " +
                                  type->annotation_str());
    }
    for (size_t i = 0; i < type->numAttributes(); i++) {
      if (Fits(object->getSlot(i), type->getAttribute(i))) continue;
      throw std::invalid_argument("expected " + type->getAttribute(i)->annotation_str() + " for attribute " +
                                  type->getAttributeName(i) + " of " + type->annotation_str() + ", got " +
                                  object->getSlot(i).tagKind());
    }
    return false;
  });
}

// Whether a function of the file, called or not, has a node that the predicate accepts.
template <typename Predicate>
bool AnyNode(const torch::jit::Module& module, const Predicate& predicate) {
  for (torch::jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    auto graph = torch::jit::toGraphFunction(*function).graph();
    torch::jit::DepthFirstGraphNodeIterator nodes(graph);
    for (const torch::jit::Node* node = nodes.next(); node != nullptr; node = nodes.next()) {
      if (predicate(*node)) return true;
    }
  }
  return false;
}

}  // namespace

void CheckScriptOperators(const torch::jit::Module& module) {
  const auto unit = module._ivalue()->compilation_unit();
  // Defining a function may define others, at the end.
  for (size_t checked = 0;;) {
    const auto functions = unit->get_functions();
    if (checked == functions.size()) return;
    for (; checked < functions.size(); checked++) {
      auto& function = torch::jit::toGraphFunction(*functions[checked]);
      function.ensure_defined();
      CheckBlock(*function.graph()->block(), function.qualname().qualifiedName());
    }
  }
}

bool MakesListsOfValues(const torch::jit::Module& module) {
  return AnyNode(module, [](const torch::jit::Node& node) { return node.kind() == c10::prim::tolist; });
}

bool WritesTensors(const torch::jit::Module& module) {
  return AnyNode(module, [](const torch::jit::Node& node) {
    const c10::FunctionSchema* schema = node.maybeSchema();
    if (!schema) return false;
    const auto& arguments = schema->arguments();
    return std::any_of(arguments.begin(), arguments.end(), [](const c10::Argument& argument) {
      return argument.alias_info() && argument.alias_info()->isWrite();
    });
  });
}

void CheckScriptAttributes(const torch::jit::Module& module) {
  std::unordered_set<const void*> seen;
  Visit(module._ivalue(), seen);
}

}  // namespace snorkel_torch
