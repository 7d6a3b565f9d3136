// From a dataset to a program's inputs: the examples of a batch, picked by position.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

namespace snorkel_torch {

/// Examples that are the rows of a tensor.
struct RowSource {
  at::Tensor tensor;
};

/// Examples of different lengths, which lie one after the other. A batch of them is as wide as its input.
struct RaggedSource {
  enum class Part {
    kValues,   // the padded matrix
    kMask,     // true at padding
    kLengths,  // int64
  };
  at::Tensor values;
  /// Example `i` lies from `offsets[i]` up to, without, `offsets[i + 1]`.
  std::shared_ptr<const std::vector<int32_t>> offsets;
  at::Tensor padding;  // one element like the values, on the CPU
  bool is_left_padded;
  int64_t max_length;  // 0 for any
  Part part;
};

using InputSource = std::variant<RowSource, RaggedSource>;

/// @throws std::invalid_argument unless an input can be a batch of the examples
void CheckRows(const RowSource& source, const at::Tensor& input);

/// @throws std::invalid_argument unless the input takes as many examples
void CheckBatchSize(size_t size, const at::Tensor& input);

/// @throws std::out_of_range for a position that is not among `count` examples
void CheckPositions(std::span<const int32_t> positions, int64_t count);

/// Fills an input with the examples at the positions, which are in no way trusted.
/// @throws std::invalid_argument if the batch does not have the input's shape and dtype, and
/// std::out_of_range for a position or an offset that is not there.
void Gather(const InputSource& source, std::span<const int32_t> positions, const at::Tensor& input);

/// The inverse of gathering rows: puts the rows of a batch into `destination`, from row `start` on.
/// @throws std::invalid_argument if they do not fit.
void PutRows(const at::Tensor& rows, const at::Tensor& destination, int64_t start);

}  // namespace snorkel_torch
