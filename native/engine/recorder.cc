#include "native/engine/recorder.h"

#include <ATen/ATen.h>
#include <ATen/core/enum_tag.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/AutogradState.h>

#include <mutex>
#include <utility>

#include "native/engine/record_checks.h"
#include "native/engine/refusals.h"

namespace snorkel_torch {
namespace {

// The highest key below those of autograd that no part of LibTorch's C++ uses.
constexpr c10::DispatchKey kKey = c10::DispatchKey::Fake;

thread_local Recorder* active = nullptr;
thread_local bool forgets_saved = false;

// Sees what is called above autograd too: operators that are made of others, which may read values on the
// way.
std::unique_ptr<at::ObserverContext> Watch(const at::RecordFunction& call) {
  const auto name = call.operator_name();
  const auto reason = name ? RefusalOfComposite(*name) : std::nullopt;
  if (reason && active != nullptr) active->Refuse(*reason);
  return nullptr;
}

using Kind = RecordedValue::Kind;
using SeenTensor = c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

constexpr const char* kMoved = "a tensor gets another shape or memory in place";

}  // namespace

Recorder* Recorder::Active() { return active; }

void Recorder::ForgetSavedTensors(bool on) { forgets_saved = on; }

Recorder::Activation::Activation(Recorder& recorder) : include_(kKey) {
  if (active != nullptr) throw std::runtime_error("expected no step that is being recorded already");
  Install();
  watch_ = at::addThreadLocalCallback(at::RecordFunctionCallback(Watch).scopes({at::RecordScope::FUNCTION}));
  c10::AutogradState& autograd = c10::AutogradState::get_tls_state();
  was_multithreaded_ = autograd.get_multithreading_enabled();
  autograd.set_multithreading_enabled(false);
  active = &recorder;
}

Recorder::Activation::~Activation() {
  active = nullptr;
  c10::AutogradState::get_tls_state().set_multithreading_enabled(was_multithreaded_);
  at::removeCallback(watch_);
}

WithoutRecorder::WithoutRecorder() : exclude_(kKey) {}

Recorder::Recorder(const std::vector<at::Tensor>& inputs, const std::vector<at::Tensor>& persistent) {
  for (const at::Tensor& tensor : persistent) {
    if (tensor.has_storage()) persistent_.insert(tensor.storage().unsafeGetStorageImpl());
  }
  for (const at::Tensor& input : inputs) {
    const auto number = NumberOf(input, Origin::kBatch);
    if (!number) continue;
    if (!input.is_non_overlapping_and_dense()) Refuse("a field of the batch is no dense block of memory");
    if (persistent_.count(input.storage().unsafeGetStorageImpl()) > 0)
      Refuse("a parameter is a field of the batch");
    record_.inputs.push_back(*number);
  }
}

Recorder::~Recorder() = default;

// A kernel for each operator rather than one fallback for all: a fallback can be registered only once in a
// process, and another copy of this library, or a later LibTorch, may have done so.
void Recorder::Install() {
  static std::once_flag once;
  std::call_once(once, [] {
    c10::Dispatcher& dispatcher = c10::Dispatcher::singleton();
    static auto* const handles = new std::vector<c10::RegistrationHandleRAII>();
    for (const c10::OperatorName& name : dispatcher.getAllOpNames()) {
      const auto op = dispatcher.findSchema(name);
      if (!op || op->hasKernelForDispatchKey(kKey)) continue;
      handles->push_back(
          dispatcher.registerImpl(name, kKey, c10::KernelFunction::makeFromBoxedFunction<&Recorder::Kernel>(),
                                  std::nullopt, nullptr, "snorkel-torch's recorder"));
    }
  });
}

void Recorder::Kernel(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  const auto below = keys & c10::DispatchKeySet(c10::DispatchKeySet::FULL_AFTER, kKey);
  if (active == nullptr || active->record_.refusal) {
    const WithoutRecorder hidden;
    op.redispatchBoxed(below, stack);
    return;
  }
  active->RecordCall(op, below, stack);
}

void Recorder::RecordCall(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  auto local_keys = c10::impl::tls_local_dispatch_key_set();
  local_keys.included_ = local_keys.included_ - c10::DispatchKeySet(kKey);
  RecordedCall call{op, keys, local_keys, at::GradMode::is_enabled(), nullptr, {}, {}};
  const size_t arguments = op.schema().arguments().size();
  const c10::IValue* given = stack->data() + stack->size() - arguments;
  call.arguments = ReadValues(op, given, arguments, Origin::kConstant);
  const bool changes_view = op.hasTag(at::Tag::inplace_view);
  const at::Tensor self = changes_view ? given[0].toTensor() : at::Tensor();
  const auto reason = RefusalOf(op, c10::ArrayRef<c10::IValue>(given, arguments));
  try {
    const WithoutRecorder hidden;
    op.redispatchBoxed(keys, stack);
  } catch (...) {
    // Whoever catches that does what depends on values.
    Refuse(c10::str(op.operator_name(), " fails"));
    throw;
  }
  if (reason) return Refuse(*reason);
  if (changes_view) {
    if (!FollowView(self)) Refuse(c10::str(op.operator_name(), " gives a tensor other memory"));
    return;
  }
  const size_t results = op.schema().returns().size();
  call.results = ReadValues(op, stack->data() + stack->size() - results, results, Origin::kComputed);
  record_.calls.push_back(std::move(call));
}

std::vector<RecordedValue> Recorder::ReadValues(const c10::OperatorHandle& op, const c10::IValue* values,
                                                size_t count, Origin origin) {
  std::vector<RecordedValue> read(count);
  for (size_t i = 0; i < count; i++) {
    const c10::IValue& value = values[i];
    if (value.isTensor() && value.toTensor().defined()) {
      read[i].kind = Kind::kTensor;
      read[i].tensors = {NumberOf(value.toTensor(), origin)};
    } else if (value.isTensorList()) {
      read[i].kind = Kind::kTensors;
      for (const at::Tensor& tensor : value.toTensorVector())
        read[i].tensors.push_back(NumberOf(tensor, origin));
    } else if (value.isOptionalTensorList()) {
      read[i].kind = Kind::kOptionalTensors;
      for (const std::optional<at::Tensor> tensor : value.toOptionalTensorList()) {
        const bool is_there = tensor && tensor->defined();
        read[i].tensors.push_back(is_there ? NumberOf(*tensor, origin) : std::nullopt);
      }
    } else if (CanBeRepeated(value)) {
      read[i].other = value.isList() ? value.deepcopy() : value;  // TorchScript changes lists in place
    } else {
      Refuse(c10::str(op.operator_name(), " has an argument of the type ", value.tagKind()));
    }
  }
  return read;
}

std::optional<size_t> Recorder::NumberOf(const at::Tensor& tensor, Origin origin) {
  if (const auto reason = RefusalOf(tensor)) {
    Refuse(*reason);
    return std::nullopt;
  }
  const void* impl = tensor.unsafeGetTensorImpl();
  const auto known = seen_.find(impl);
  if (known != seen_.end()) {
    if (!IsUnmoved(*tensor.unsafeGetTensorImpl(), known->second.number)) Refuse(kMoved);
    return known->second.number;
  }

  const size_t storage = StorageOf(tensor, origin);
  const int64_t offset = tensor.storage_offset() - shifts_[storage];
  if (offset < 0) Refuse("memory around a field of the batch is used");
  std::optional<size_t> number;
  // Autograd gives back what it saved as a new TensorImpl over the same memory.
  for (const size_t candidate : tensors_of_storage_[storage]) {
    const RecordedTensor& like = record_.tensors[candidate];
    if (like.offset == offset && tensor.sizes() == like.sizes && tensor.strides() == like.strides &&
        like.dtype == tensor.scalar_type()) {
      number = candidate;
    }
  }
  if (!number) {
    number = record_.tensors.size();
    const bool is_computed = record_.storages[storage].origin == Origin::kComputed;
    record_.tensors.push_back({storage, offset, tensor.sizes().vec(), tensor.strides().vec(),
                               tensor.scalar_type(), tensor.unsafeGetTensorImpl()->is_wrapped_number(),
                               VersionOf(tensor), is_computed ? at::Tensor() : tensor});
    tensors_of_storage_[storage].push_back(*number);
  }
  seen_.insert({impl, {*number, SeenTensor(tensor.getIntrusivePtr())}});
  return number;
}

size_t Recorder::StorageOf(const at::Tensor& tensor, Origin origin) {
  c10::StorageImpl* impl = tensor.storage().unsafeGetStorageImpl();
  const auto known = by_storage_.find(impl);
  const bool is_forgotten = forgets_saved && origin == Origin::kConstant;
  if (known != by_storage_.end() && !is_forgotten) return known->second;
  if (origin == Origin::kConstant && persistent_.count(impl) > 0) origin = Origin::kPersistent;
  const size_t number = record_.storages.size();
  by_storage_.emplace(impl, number);
  const c10::weak_intrusive_ptr<c10::StorageImpl> memory(
      c10::intrusive_ptr<c10::StorageImpl>::reclaim_copy(impl));
  record_.storages.push_back({origin, impl->nbytes(), tensor.device(), memory});
  shifts_.push_back(origin == Origin::kBatch ? tensor.storage_offset() : 0);
  tensors_of_storage_.emplace_back();
  return number;
}

bool Recorder::IsUnmoved(const c10::TensorImpl& impl, size_t number) const {
  const RecordedTensor& tensor = record_.tensors[number];
  if (!impl.has_storage() || impl.sizes() != tensor.sizes || impl.strides() != tensor.strides) return false;
  const RecordedStorage& storage = record_.storages[tensor.storage];
  return impl.storage().unsafeGetStorageImpl() == storage.memory._unsafe_get_target() &&
         impl.storage_offset() == tensor.offset + shifts_[tensor.storage] &&
         impl.storage().nbytes() == storage.bytes;
}

// To give a tensor another shape or memory is possible without an operator, and no program could follow.
void Recorder::CheckUnmoved() {
  for (const auto& [impl, seen] : seen_) {
    const auto tensor = seen.tensor.lock();
    if (tensor.defined() && !IsUnmoved(*tensor, seen.number)) return Refuse(kMoved);
  }
}

// An operator has given the tensor another view of its memory: from now on it has the number of that view.
bool Recorder::FollowView(const at::Tensor& tensor) {
  const auto seen = seen_.find(tensor.unsafeGetTensorImpl());
  if (seen == seen_.end()) return false;  // it was refused
  const RecordedStorage& storage = record_.storages[record_.tensors[seen->second.number].storage];
  const c10::StorageImpl* memory = tensor.storage().unsafeGetStorageImpl();
  if (storage.origin != Origin::kComputed || memory != storage.memory._unsafe_get_target() ||
      memory->nbytes() != storage.bytes) {
    return false;
  }
  seen_.erase(seen);
  return NumberOf(tensor, Origin::kComputed).has_value();
}

Record Recorder::Finish(const std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& parameters) {
  CheckUnmoved();
  for (const at::Tensor& output : outputs) {
    const auto number = NumberOf(output, Origin::kConstant);
    if (number) record_.outputs.push_back(*number);
  }
  for (const at::Tensor& parameter : parameters) {
    const at::Tensor& gradient = parameter.grad();
    if (!gradient.defined()) continue;
    const auto number = NumberOf(gradient, Origin::kConstant);
    if (!number) continue;
    if (record_.storages[record_.tensors[*number].storage].origin != Origin::kComputed)
      Refuse("a gradient is not computed in the step, but was there before");
    record_.gradients.push_back({parameter, *number});
  }
  if (const auto write = FindHiddenWrite(record_)) Refuse(*write);
  return std::move(record_);
}

void Recorder::Refuse(const std::string& reason) {
  if (!record_.refusal) record_.refusal = part_.empty() ? reason : c10::str(reason, ", in ", part_);
}

void Recorder::Enter(std::string part) {
  if (active != nullptr) active->part_ = std::move(part);
}

void Recorder::NoteEffect(const char* what) {
  if (active != nullptr) active->Refuse(what);
}

void Recorder::NoteGuard(const c10::OperatorHandle& op, ArgumentGuard guard, const torch::jit::Stack& stack) {
  if (active == nullptr || active->record_.refusal) return;
  RecordedCall call{op, {}, c10::impl::tls_local_dispatch_key_set(), false, guard, {}, {}};
  call.arguments = active->ReadValues(op, stack.data(), stack.size(), Origin::kConstant);
  active->record_.calls.push_back(std::move(call));
}

}  // namespace snorkel_torch
