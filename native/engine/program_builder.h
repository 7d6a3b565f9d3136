// Makes a program of two records.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "native/engine/program.h"
#include "native/engine/simplify.h"

namespace snorkel_torch {

class Program::Builder {
 public:
  Builder(Program& program, const Record& first, const Record& record);
  void Build();

 private:
  /// Where the memory of a storage is.
  enum class Home {
    kOutside,  // parameters, buffers, constants
    kInput,    // the program's own, filled before a run
    kOnce,     // the program's own, filled when it is made
    kTaken,    // made by a kernel in each run
    kArena,
  };

  void FindHomes();
  void MakeInputs();
  void PlaceGradients();
  void PlanArena();
  void MakeTensors();
  void RunOnce();
  void Emit();
  void CopyGradients();
  void DescribeSources();

  const RecordedTensor& TensorAt(size_t number) const { return record_.tensors[number]; }
  size_t StorageOf(size_t tensor) const { return record_.tensors[tensor].storage; }
  c10::Storage MakeStorage(size_t storage, size_t bytes, bool has_memory) const;
  at::Tensor MakeTensor(const RecordedTensor& like, const c10::Storage& storage, int64_t offset) const;
  void Place(size_t storage, size_t bytes, size_t offset);

  Program& program_;
  const Record& record_;
  size_t alignment_;                      // of the arena's pieces
  std::vector<bool> is_fixed_;            // by tensor
  std::vector<Fate> fates_;               // by call
  std::vector<bool> writes_into_;         // by call
  std::vector<Home> homes_;               // by storage
  std::vector<c10::Storage> storages_;    // by storage; empty for those outside
  std::vector<size_t> gradient_offsets_;  // by gradient, in the arena
  std::vector<bool> is_in_row_;           // by gradient: computed where it is to lie
  size_t row_bytes_ = 0;                  // of all gradients
};

}  // namespace snorkel_torch
