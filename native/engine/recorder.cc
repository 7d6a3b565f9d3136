#include "native/engine/recorder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <mutex>
#include <utility>

#include "native/engine/refusals.h"

namespace snorkel_torch {
namespace {

// The highest key below those of autograd that no part of LibTorch's C++ uses.
constexpr c10::DispatchKey kKey = c10::DispatchKey::Fake;

thread_local Recorder* active = nullptr;

using Kind = RecordedValue::Kind;

}  // namespace

Recorder* Recorder::Active() { return active; }

Recorder::Activation::Activation(Recorder& recorder) : include_(kKey) {
  if (active != nullptr) throw std::runtime_error("expected no step that is being recorded already");
  Install();
  active = &recorder;
}

Recorder::Activation::~Activation() { active = nullptr; }

WithoutRecorder::WithoutRecorder() : exclude_(kKey) {}

Recorder::Recorder(const std::vector<at::Tensor>& inputs, const std::vector<at::Tensor>& persistent) {
  for (const at::Tensor& tensor : persistent) {
    if (tensor.has_storage()) persistent_.insert(tensor.storage().unsafeGetStorageImpl());
  }
  for (const at::Tensor& input : inputs) {
    const auto number = NumberOf(input, Origin::kBatch);
    if (number) record_.inputs.push_back(*number);
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
      handles->push_back(dispatcher.registerImpl(name, kKey,
                                                 c10::KernelFunction::makeFromBoxedFunction<&Recorder::Kernel>(),
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
  call.arguments = ReadValues(op, stack->data() + stack->size() - arguments, arguments, Origin::kConstant);
  {
    const WithoutRecorder hidden;
    op.redispatchBoxed(keys, stack);
  }
  if (const auto reason = RefusalOf(op)) return Refuse(*reason);
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
      for (const at::Tensor& tensor : value.toTensorVector()) read[i].tensors.push_back(NumberOf(tensor, origin));
    } else if (value.isOptionalTensorList()) {
      read[i].kind = Kind::kOptionalTensors;
      for (const std::optional<at::Tensor> tensor : value.toOptionalTensorList()) {
        const bool is_there = tensor && tensor->defined();
        read[i].tensors.push_back(is_there ? NumberOf(*tensor, origin) : std::nullopt);
      }
    } else if (CanBeRepeated(value)) {
      read[i].other = value;
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
  const auto known = by_impl_.find(impl);
  if (known != by_impl_.end()) return known->second;

  const size_t storage = StorageOf(tensor, origin);
  std::optional<size_t> number;
  // Autograd gives back what it saved as a new TensorImpl over the same memory.
  for (const size_t candidate : tensors_of_storage_[storage]) {
    const RecordedTensor& like = record_.tensors[candidate];
    if (like.offset == tensor.storage_offset() && tensor.sizes() == like.sizes &&
        tensor.strides() == like.strides && like.dtype == tensor.scalar_type()) {
      number = candidate;
    }
  }
  if (!number) {
    number = record_.tensors.size();
    const bool is_computed = record_.storages[storage].origin == Origin::kComputed;
    record_.tensors.push_back({storage, tensor.storage_offset(), tensor.sizes().vec(), tensor.strides().vec(),
                               tensor.scalar_type(), is_computed ? at::Tensor() : tensor});
    tensors_of_storage_[storage].push_back(*number);
  }
  by_impl_[impl] = *number;
  impls_.emplace_back(tensor.getIntrusivePtr());
  numbers_.push_back(*number);
  return number;
}

size_t Recorder::StorageOf(const at::Tensor& tensor, Origin origin) {
  c10::StorageImpl* impl = tensor.storage().unsafeGetStorageImpl();
  const auto [place, is_new] = by_storage_.try_emplace(impl, record_.storages.size());
  if (!is_new) return place->second;
  if (origin == Origin::kConstant && persistent_.count(impl) > 0) origin = Origin::kPersistent;
  storages_.emplace_back(c10::intrusive_ptr<c10::StorageImpl>::reclaim_copy(impl));
  record_.storages.push_back({origin, impl->nbytes(), tensor.device()});
  tensors_of_storage_.emplace_back();
  return place->second;
}

// Some operators give a tensor another shape or memory, which no program could follow.
void Recorder::CheckUnmoved() {
  for (size_t i = 0; i < impls_.size(); i++) {
    const auto impl = impls_[i].lock();
    if (!impl.defined()) continue;
    const RecordedTensor& tensor = record_.tensors[numbers_[i]];
    const bool is_same = impl->has_storage() && impl->sizes() == tensor.sizes &&
                         impl->strides() == tensor.strides && impl->storage_offset() == tensor.offset &&
                         by_storage_.count(impl->storage().unsafeGetStorageImpl()) > 0 &&
                         by_storage_[impl->storage().unsafeGetStorageImpl()] == tensor.storage;
    if (!is_same) return Refuse("a tensor gets another shape or memory in place");
  }
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
  return std::move(record_);
}

void Recorder::Refuse(const std::string& reason) {
  if (!record_.refusal) record_.refusal = reason;
}

void Recorder::NoteRead(const at::Tensor& tensor) {
  if (active == nullptr) return;
  const auto number = active->NumberOf(tensor, Origin::kConstant);
  const bool is_constant =
      number && active->record_.storages[active->record_.tensors[*number].storage].origin == Origin::kConstant;
  if (!is_constant) active->Refuse("the values of a tensor are read");
}

void Recorder::NoteGuard(const c10::OperatorHandle& op, ArgumentGuard guard, const torch::jit::Stack& stack) {
  if (active == nullptr || active->record_.refusal) return;
  RecordedCall call{op, {}, c10::impl::tls_local_dispatch_key_set(), false, guard, {}, {}};
  call.arguments = active->ReadValues(op, stack.data(), stack.size(), Origin::kConstant);
  active->record_.calls.push_back(std::move(call));
}

}  // namespace snorkel_torch
