#include "native/engine/program.h"

#include <cstring>
#include <stdexcept>
#include <utility>

namespace snorkel_torch {

void Program::Run() {
  CheckOutside();
  if (arena_->data() != arena_data_ || arena_->bytes() < arena_bytes_) MoveToArena();
  if (flat_gradients_.defined()) ClearGaps();
  InstructionContext context;
  for (const Instruction& instruction : instructions_) {
    context.Enter(instruction);
    instruction.Run(stack_);
  }
}

// The row is of gradients alone: what is between them stays until another program runs.
void Program::ClearGaps() {
  if (arena_->device().is_cpu()) {
    for (const auto& [offset, bytes] : gaps_) std::memset(arena_data_ + offset, 0, bytes);
  } else if (!gaps_.empty()) {
    flat_gradients_.zero_();  // one kernel
  }
}

std::vector<at::Generator> Program::Generators() const {
  std::vector<at::Generator> generators;
  for (const Instruction& instruction : instructions_) {
    for (const c10::IValue& argument : instruction.arguments) {
      if (argument.isGenerator()) generators.push_back(argument.toGenerator());
    }
  }
  return generators;
}

Program::OutsideTensor::OutsideTensor(at::Tensor of)
    : tensor(std::move(of)),
      storage(tensor.storage().unsafeGetStorageImpl()),
      sizes(tensor.sizes().vec()),
      strides(tensor.strides().vec()),
      offset(tensor.storage_offset()) {}

bool Program::OutsideTensor::IsAsBefore() const {
  return tensor.storage().unsafeGetStorageImpl() == storage && tensor.sizes() == sizes &&
         tensor.strides() == strides && tensor.storage_offset() == offset;
}

void Program::CheckOutside() const {
  for (const OutsideTensor& outside : outside_) {
    if (outside.IsAsBefore()) continue;
    throw std::runtime_error(
        c10::str("expected the parameters and buffers of the recorded step, got another tensor of the shape ",
                 outside.tensor.sizes(), ". Record the step again"));
  }
}

void Program::MoveToArena() {
  arena_->Reserve(arena_bytes_);
  arena_data_ = arena_->data();
  for (const Place& place : places_) {
    place.storage.unsafeGetStorageImpl()->set_data_ptr_noswap(
        c10::DataPtr(arena_data_ + place.offset, arena_->device()));
  }
}

std::string Program::ToString() const { return text_; }

}  // namespace snorkel_torch
