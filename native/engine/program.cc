#include "native/engine/program.h"

#include <cstring>
#include <stdexcept>

namespace snorkel_torch {

void Program::Run() {
  CheckOutside();
  if (arena_->data() != arena_data_ || arena_->bytes() < arena_bytes_) MoveToArena();
  InstructionContext context;
  for (const Instruction& instruction : instructions_) {
    context.Enter(instruction);
    instruction.Run(stack_);
  }
  if (!flat_gradients_.defined()) return;
  for (const auto& [offset, bytes] : gaps_) std::memset(arena_data_ + offset, 0, bytes);
}

void Program::CheckOutside() const {
  for (const OutsideTensor& outside : outside_) {
    if (outside.tensor.storage().unsafeGetStorageImpl() == outside.storage) continue;
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
