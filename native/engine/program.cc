#include "native/engine/program.h"

#include <cstring>

namespace snorkel_torch {

void Program::Run() {
  if (arena_->data() != arena_data_ || arena_->bytes() < arena_bytes_) MoveToArena();
  InstructionContext context;
  for (const Instruction& instruction : instructions_) {
    context.Enter(instruction);
    instruction.Run(stack_);
  }
  if (!flat_gradients_.defined()) return;
  for (const auto& [offset, bytes] : gaps_) std::memset(arena_data_ + offset, 0, bytes);
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
