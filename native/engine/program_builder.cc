#include "native/engine/program_builder.h"

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "native/engine/lowering.h"
#include "native/engine/memory_plan.h"
#include "native/engine/program_text.h"
#include "native/engine/record_checks.h"

namespace snorkel_torch {
namespace {

// How many elements of its storage a tensor spans, from its offset on.
int64_t ExtentOf(const RecordedTensor& tensor) {
  int64_t last = 0;
  for (size_t dim = 0; dim < tensor.sizes.size(); dim++) {
    if (tensor.sizes[dim] == 0) return 0;
    last += (tensor.sizes[dim] - 1) * tensor.strides[dim];
  }
  return last + 1;
}

size_t BytesOf(const RecordedTensor& tensor) { return ExtentOf(tensor) * c10::elementSize(tensor.dtype); }

}  // namespace

Program::Program(const Record& first, const Record& second, std::shared_ptr<Arena> arena)
    : arena_(std::move(arena)) {
  const c10::DeviceGuard on_device(arena_->device());
  Builder(*this, first, second).Build();
}

Program::Builder::Builder(Program& program, const Record& first, const Record& record)
    : program_(program),
      record_(record),
      alignment_(AlignmentOn(program.arena_->device())),
      is_fixed_(record.tensors.size(), false),
      homes_(record.storages.size(), Home::kOutside),
      storages_(record.storages.size()),
      is_in_row_(record.gradients.size(), false) {
  for (const Record* given : {&first, &record}) {
    if (given->refusal) throw std::runtime_error(*given->refusal);
  }
  if (const auto difference = FindDifference(first, record)) throw std::runtime_error(*difference);
  // A constant that is another object in each record was made within the step: nobody can change it.
  for (size_t i = 0; i < record.tensors.size(); i++) {
    const bool is_constant = record.storages[StorageOf(i)].origin == Origin::kConstant;
    is_fixed_[i] = is_constant && !TensorAt(i).held.is_alias_of(first.tensors[i].held);
  }
  if (const auto change = FindChangedConstant(record, is_fixed_)) throw std::runtime_error(*change);
}

void Program::Builder::Build() {
  fates_ = Simplify(record_, is_fixed_);
  for (size_t i = 0; i < record_.calls.size(); i++)
    writes_into_.push_back(fates_[i] == Fate::kRun && WritesInto(record_, record_.calls[i]));
  FindHomes();
  MakeInputs();
  PlaceGradients();
  PlanArena();
  MakeTensors();
  DescribeSources();
  RunOnce();
  Emit();
  CopyGradients();
}

void Program::Builder::FindHomes() {
  for (size_t i = 0; i < homes_.size(); i++) {
    const Origin origin = record_.storages[i].origin;
    if (origin == Origin::kBatch) homes_[i] = Home::kInput;
    if (origin == Origin::kComputed) homes_[i] = Home::kArena;
  }
  for (size_t i = 0; i < record_.calls.size(); i++) {
    const RecordedCall& call = record_.calls[i];
    const bool is_once = fates_[i] == Fate::kRunOnce && !call.guard;
    const bool is_taken = fates_[i] == Fate::kRun && !call.guard && !writes_into_[i];
    if (is_once) {
      for (const size_t storage : WrittenStorages(record_, call)) {
        if (record_.storages[storage].origin == Origin::kComputed) homes_[storage] = Home::kOnce;
      }
    }
    if (!is_taken) continue;
    for (const size_t storage : NewStorages(record_, call)) homes_[storage] = Home::kTaken;
  }
  for (size_t i = 0; i < homes_.size(); i++) {
    if (homes_[i] != Home::kOnce && homes_[i] != Home::kTaken) continue;
    storages_[i] = MakeStorage(i, record_.storages[i].bytes, homes_[i] == Home::kOnce);
  }
}

c10::Storage Program::Builder::MakeStorage(size_t storage, size_t bytes, bool has_memory) const {
  const c10::Device device = record_.storages[storage].device;
  c10::DataPtr memory =
      has_memory ? c10::GetAllocator(device.type())->allocate(bytes) : c10::DataPtr(nullptr, device);
  return c10::Storage(c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), bytes,
                                                            std::move(memory), /*allocator=*/nullptr,
                                                            /*resizable=*/false));
}

void Program::Builder::MakeInputs() {
  for (const size_t input : record_.inputs) {
    const RecordedTensor& tensor = TensorAt(input);
    if (storages_[tensor.storage]) throw std::runtime_error("two fields of a batch share their memory");
    storages_[tensor.storage] = MakeStorage(tensor.storage, BytesOf(tensor), true);
  }
}

void Program::Builder::Place(size_t storage, size_t bytes, size_t offset) {
  if (record_.storages[storage].device != program_.arena_->device())
    throw std::runtime_error("the step computes on " + record_.storages[storage].device.str() + " too");
  storages_[storage] = MakeStorage(storage, bytes, false);
  program_.places_.push_back({storages_[storage], offset});
}

// At the arena's start, one after the other: their norm is then that of one row.
void Program::Builder::PlaceGradients() {
  for (size_t i = 0; i < record_.gradients.size(); i++) {
    const RecordedTensor& tensor = TensorAt(record_.gradients[i].gradient);
    const size_t bytes = BytesOf(tensor);
    const bool is_whole = tensor.offset == 0 && bytes == record_.storages[tensor.storage].bytes;
    if (is_whole && homes_[tensor.storage] == Home::kArena && !storages_[tensor.storage]) {
      Place(tensor.storage, bytes, row_bytes_);
      is_in_row_[i] = true;
    }
    gradient_offsets_.push_back(row_bytes_);
    const size_t aligned = Align(bytes, alignment_);
    if (aligned > bytes) program_.gaps_.push_back({row_bytes_ + bytes, aligned - bytes});
    row_bytes_ += aligned;
  }
}

void Program::Builder::PlanArena() {
  std::vector<MemoryPiece> pieces;
  std::vector<size_t> storage_of_piece;
  std::vector<std::optional<size_t>> piece_of(record_.storages.size());
  const auto use = [&](size_t tensor, size_t time) {
    const size_t storage = StorageOf(tensor);
    if (homes_[storage] != Home::kArena || storages_[storage]) return;
    if (!piece_of[storage]) {
      piece_of[storage] = pieces.size();
      storage_of_piece.push_back(storage);
      pieces.push_back({record_.storages[storage].bytes, time, time});
    }
    pieces[*piece_of[storage]].last = time;
  };
  for (size_t i = 0; i < record_.calls.size(); i++) {
    if (fates_[i] != Fate::kRun) continue;
    const auto use_now = [&](size_t tensor) { use(tensor, i); };
    ForEachTensor(record_.calls[i].arguments, use_now);
    ForEachTensor(record_.calls[i].results, use_now);
  }
  const size_t end = record_.calls.size();
  for (const size_t output : record_.outputs) use(output, end);
  for (const RecordedGradient& gradient : record_.gradients) use(gradient.gradient, end);
  const MemoryPlan plan = PlanMemory(pieces, alignment_);
  for (size_t i = 0; i < pieces.size(); i++)
    Place(storage_of_piece[i], pieces[i].bytes, row_bytes_ + plan.offsets[i]);
  program_.arena_bytes_ = std::max(row_bytes_ + plan.bytes, alignment_);
}

at::Tensor Program::Builder::MakeTensor(const RecordedTensor& like, const c10::Storage& storage,
                                        int64_t offset) const {
  const bool is_cuda = storage.device().is_cuda();
  const c10::DispatchKeySet keys(is_cuda ? c10::DispatchKey::CUDA : c10::DispatchKey::CPU);
  at::Tensor tensor = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(storage), keys,
                                                               c10::scalarTypeToTypeMeta(like.dtype));
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(like.sizes, like.strides, offset);
  if (like.is_wrapped_number) tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

void Program::Builder::MakeTensors() {
  for (const RecordedTensor& like : record_.tensors) {
    c10::Storage& storage = storages_[like.storage];
    if (homes_[like.storage] == Home::kOutside) {
      program_.tensors_.push_back(like.held);
      program_.outside_.emplace_back(like.held);
    } else {
      // Of what nothing computes there are the shapes.
      if (!storage) storage = MakeStorage(like.storage, record_.storages[like.storage].bytes, false);
      const size_t end = (like.offset + ExtentOf(like)) * c10::elementSize(like.dtype);
      if (end > storage.nbytes()) throw std::runtime_error("memory around a field of the batch is used");
      program_.tensors_.push_back(MakeTensor(like, storage, like.offset));
    }
  }
  for (const size_t input : record_.inputs) program_.inputs_.push_back(program_.tensors_[input]);
  for (const size_t output : record_.outputs) program_.outputs_.push_back(program_.tensors_[output]);
}

void Program::Builder::RunOnce() {
  InstructionContext context;
  for (size_t i = 0; i < record_.calls.size(); i++) {
    if (fates_[i] != Fate::kRunOnce) continue;
    const Instruction instruction = Lower(record_, record_.calls[i], program_.tensors_, false);
    context.Enter(instruction);
    instruction.Run(program_.stack_);
    program_.text_ += "once  " + Describe(record_, record_.calls[i], instruction);
  }
}

void Program::Builder::Emit() {
  for (size_t i = 0; i < record_.calls.size(); i++) {
    const RecordedCall& call = record_.calls[i];
    if (fates_[i] != Fate::kRun) continue;
    Instruction instruction = Lower(record_, call, program_.tensors_, writes_into_[i]);
    program_.is_random_ = program_.is_random_ || IsRandom(call);
    program_.text_ += "      " + Describe(record_, call, instruction);
    instruction.Prepare();
    program_.instructions_.push_back(std::move(instruction));
  }
}

// Those that lie elsewhere are brought into the row.
void Program::Builder::CopyGradients() {
  const auto copy = c10::Dispatcher::singleton().findSchemaOrThrow("aten::copy_", "");
  bool is_one_dtype = true;
  for (size_t i = 0; i < record_.gradients.size(); i++) {
    const auto& [parameter, number] = record_.gradients[i];
    const RecordedTensor& like = TensorAt(number);
    at::Tensor gradient = program_.tensors_[number];
    if (!is_in_row_[i]) {
      const c10::Storage storage = MakeStorage(like.storage, BytesOf(like), false);
      program_.places_.push_back({storage, gradient_offsets_[i]});
      gradient = MakeTensor(like, storage, 0);
      program_.arena_data_ = nullptr;
      Instruction instruction{
          copy,
          c10::DispatchKeySet(storage.device().is_cuda() ? c10::DispatchKey::CUDA : c10::DispatchKey::CPU),
          c10::impl::tls_local_dispatch_key_set(),
          false,
          nullptr,
          {gradient, program_.tensors_[number], false},
          {}};
      instruction.local_keys.excluded_ =
          instruction.local_keys.excluded_ | c10::autograd_dispatch_keyset_with_ADInplaceOrView;
      instruction.Prepare();
      program_.instructions_.push_back(std::move(instruction));
      program_.text_ += "      aten::copy_ gradient of %" + std::to_string(number) + "\n";
    }
    program_.gradients_.push_back({parameter, gradient});
    is_one_dtype = is_one_dtype && like.dtype == TensorAt(record_.gradients[0].gradient).dtype;
  }
  if (record_.gradients.empty() || !is_one_dtype) return;
  RecordedTensor row = TensorAt(record_.gradients[0].gradient);
  row.sizes = {static_cast<int64_t>(row_bytes_ / c10::elementSize(row.dtype))};
  row.strides = {1};
  const c10::Storage storage = MakeStorage(row.storage, row_bytes_, false);
  program_.places_.push_back({storage, 0});
  program_.arena_data_ = nullptr;
  program_.flat_gradients_ = MakeTensor(row, storage, 0);
}

void Program::Builder::DescribeSources() {
  for (const size_t input : record_.inputs) program_.text_ += "input " + Describe(record_, input);
  std::unordered_set<size_t> seen(record_.inputs.begin(), record_.inputs.end());
  for (size_t i = 0; i < record_.calls.size(); i++) {
    if (fates_[i] == Fate::kLeaveOut) continue;
    ForEachTensor(record_.calls[i].arguments, [&](size_t tensor) {
      if (homes_[StorageOf(tensor)] != Home::kOutside || !seen.insert(tensor).second) return;
      const bool is_constant = record_.storages[StorageOf(tensor)].origin == Origin::kConstant;
      program_.text_ += (is_constant ? "const " : "param ") + Describe(record_, tensor);
    });
  }
}

}  // namespace snorkel_torch
