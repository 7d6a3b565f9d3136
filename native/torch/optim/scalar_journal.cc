#include "native/torch/optim/scalar_journal.h"

namespace snorkel_torch {

void ScalarJournal::Note(size_t step, const at::Tensor& scalar) {
  entries_.push_back({step, scalar, *scalar.const_data_ptr<float>()});
}

void ScalarJournal::Rewind(size_t step) {
  while (!entries_.empty() && entries_.back().step >= step) {
    *entries_.back().scalar.mutable_data_ptr<float>() = entries_.back().value;
    entries_.pop_back();
  }
}

}  // namespace snorkel_torch
