#include "native/engine/gather.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace snorkel_torch {
namespace {

// How many bytes are worth a thread.
constexpr int64_t kGrainBytes = 1 << 17;

void CheckBatch(at::IntArrayRef shape, at::ScalarType dtype, const at::Tensor& input) {
  if (input.sizes() == shape && input.scalar_type() == dtype) return;
  throw std::invalid_argument(c10::str("expected a batch of ", input.scalar_type(), " ", input.sizes(),
                                       " for an input of the program, got ", dtype, " ", shape));
}

// Whether this code can read and write the elements where their indices say.
bool IsPlain(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.is_contiguous() && !tensor.is_conj() && !tensor.is_neg();
}

template <typename T>
at::Tensor ToTensor(std::span<const T> values, c10::Device device) {
  const auto options = at::TensorOptions(c10::CppTypeToScalarType<T>::value);
  return at::from_blob(const_cast<T*>(values.data()), {static_cast<int64_t>(values.size())}, options)
      .to(device, options.dtype().toScalarType(), /*non_blocking=*/false, /*copy=*/true);
}

// --- rows ---

void CheckRowsOf(const at::Tensor& examples, int64_t count, const at::Tensor& input) {
  if (examples.dim() == 0) throw std::invalid_argument("expected a tensor of examples, got a scalar");
  c10::SmallVector<int64_t, 5> shape(examples.sizes().begin(), examples.sizes().end());
  shape[0] = count;
  CheckBatch(shape, examples.scalar_type(), input);
}

void GatherFrom(const RowSource& source, std::span<const int32_t> positions, const at::Tensor& input) {
  const at::Tensor& tensor = source.tensor;
  CheckRowsOf(tensor, static_cast<int64_t>(positions.size()), input);
  CheckPositions(positions, tensor.size(0));
  if (input.numel() == 0) return;
  if (!IsPlain(tensor) || !IsPlain(input)) {
    input.copy_(tensor.index_select(0, ToTensor(positions, tensor.device())));
    return;
  }
  const auto bytes = static_cast<int64_t>(input.nbytes() / positions.size());
  const auto count = static_cast<int64_t>(positions.size());
  const char* from = static_cast<const char*>(tensor.const_data_ptr());
  char* to = static_cast<char*>(input.mutable_data_ptr());
  at::parallel_for(0, count, std::max<int64_t>(kGrainBytes / bytes, 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) std::memcpy(to + i * bytes, from + positions[i] * bytes, bytes);
  });
}

// --- ragged ---

// The values of an example that are in the batch, and where in its row.
struct RaggedRow {
  int64_t from;
  int64_t to;
  int64_t length;
};

RaggedRow FindRow(const RaggedSource& source, int32_t position, int64_t width) {
  const int64_t begin = (*source.offsets)[position];
  const int64_t end = (*source.offsets)[position + 1];
  if (begin < 0 || begin > end || end > source.values.size(0)) {
    throw std::out_of_range("expected offsets that rise from 0 to " + std::to_string(source.values.size(0)) +
                            ", got " + std::to_string(begin) + " and " + std::to_string(end));
  }
  const int64_t length = source.max_length > 0 ? std::min(end - begin, source.max_length) : end - begin;
  if (length > width) {
    throw std::invalid_argument("expected examples of at most " + std::to_string(width) +
                                " values, got one of " + std::to_string(length));
  }
  return source.is_left_padded ? RaggedRow{end - length, width - length, length}
                               : RaggedRow{begin, 0, length};
}

// Writes one element over and over.
void Repeat(const char* element, size_t element_bytes, char* to, size_t bytes) {
  if (bytes == 0) return;
  std::memcpy(to, element, element_bytes);
  for (size_t filled = element_bytes; filled < bytes; filled *= 2)
    std::memcpy(to + filled, to, std::min(filled, bytes - filled));
}

// Writes the row of each position as what comes before the values, they, and what comes after them.
void GatherPadded(const RaggedSource& source, std::span<const int32_t> positions, const at::Tensor& input) {
  const bool is_mask = source.part == RaggedSource::Part::kMask;
  const auto size = static_cast<int64_t>(input.itemsize());
  const int64_t width = input.size(1);
  const bool is_padding = true;
  const char* padding = is_mask ? reinterpret_cast<const char*>(&is_padding)
                                : static_cast<const char*>(source.padding.const_data_ptr());
  const char* values = is_mask ? nullptr : static_cast<const char*>(source.values.const_data_ptr());
  char* rows = static_cast<char*>(input.mutable_data_ptr());
  const auto count = static_cast<int64_t>(positions.size());
  const int64_t grain = std::max<int64_t>(kGrainBytes / std::max<int64_t>(width * size, 1), 1);
  at::parallel_for(0, count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const RaggedRow row = FindRow(source, positions[i], width);
      char* to = rows + i * width * size;
      char* after = to + (row.to + row.length) * size;
      Repeat(padding, size, to, row.to * size);
      if (row.length > 0 && is_mask) {
        std::memset(to + row.to, 0, row.length);
      } else if (row.length > 0) {
        std::memcpy(to + row.to * size, values + row.from * size, row.length * size);
      }
      Repeat(padding, size, after, (width - row.to - row.length) * size);
    }
  });
}

void GatherLengths(const RaggedSource& source, std::span<const int32_t> positions, const at::Tensor& input) {
  int64_t* lengths = input.mutable_data_ptr<int64_t>();
  for (size_t i = 0; i < positions.size(); i++)
    lengths[i] = FindRow(source, positions[i], std::numeric_limits<int64_t>::max()).length;
}

// By the positions of the values in a matrix, 0 at padding, where they cannot be copied as memory.
void GatherByIndex(const RaggedSource& source, std::span<const int32_t> positions, const at::Tensor& input) {
  const int64_t width = input.size(1);
  std::vector<int64_t> places(input.numel());
  for (size_t i = 0; i < positions.size(); i++) {
    const RaggedRow row = FindRow(source, positions[i], width);
    for (int64_t k = 0; k < row.length; k++) places[i * width + row.to + k] = row.from + k;
  }
  RaggedSource mask_source = source;
  mask_source.part = RaggedSource::Part::kMask;
  const at::Tensor mask = at::empty(input.sizes(), at::TensorOptions(at::kBool));
  GatherPadded(mask_source, positions, mask);
  const c10::Device device = source.values.device();
  const at::Tensor picked =
      source.values.size(0) == 0
          ? at::empty(input.sizes(), source.values.options())
          : source.values.index_select(0, ToTensor<int64_t>(places, device)).view(input.sizes());
  input.copy_(at::where(mask.to(device), source.padding.to(device), picked));
}

void GatherFrom(const RaggedSource& source, std::span<const int32_t> positions, const at::Tensor& input) {
  using Part = RaggedSource::Part;
  const auto count = static_cast<int64_t>(positions.size());
  const bool is_lengths = source.part == Part::kLengths;
  const at::ScalarType dtype = is_lengths                   ? at::kLong
                               : source.part == Part::kMask ? at::kBool
                                                            : source.values.scalar_type();
  if (is_lengths) {
    CheckBatch({count}, dtype, input);
  } else {
    CheckBatch({count, input.dim() == 2 ? input.size(1) : -1}, dtype, input);
  }
  if (source.values.dim() != 1) throw std::invalid_argument("expected ragged values of one dimension");
  CheckPositions(positions, static_cast<int64_t>(source.offsets->size()) - 1);
  const bool is_plain = source.part != Part::kValues || IsPlain(source.values);
  if (is_plain && !IsPlain(input)) {
    const at::Tensor batch = at::empty(input.sizes(), at::TensorOptions(dtype));
    GatherFrom(source, positions, batch);
    input.copy_(batch);
  } else if (is_lengths) {
    GatherLengths(source, positions, input);
  } else if (is_plain) {
    GatherPadded(source, positions, input);
  } else {
    GatherByIndex(source, positions, input);
  }
}

}  // namespace

void CheckRows(const RowSource& source, const at::Tensor& input) {
  CheckRowsOf(source.tensor, input.dim() == 0 ? -1 : input.size(0), input);
}

void CheckBatchSize(size_t size, const at::Tensor& input) {
  if (input.dim() > 0 && static_cast<size_t>(input.size(0)) == size) return;
  throw std::invalid_argument(c10::str("expected a batch of ", input.scalar_type(), " ", input.sizes(),
                                       " for an input of the program, got one of ", size, " examples"));
}

void CheckPositions(std::span<const int32_t> positions, int64_t count) {
  const auto bad = std::find_if(positions.begin(), positions.end(),
                                [&](int32_t position) { return position < 0 || position >= count; });
  if (bad == positions.end()) return;
  throw std::out_of_range("expected positions of " + std::to_string(count) + " examples, got " +
                          std::to_string(*bad));
}

void Gather(const InputSource& source, std::span<const int32_t> positions, const at::Tensor& input) {
  std::visit([&](const auto& kind) { GatherFrom(kind, positions, input); }, source);
}

void PutRows(const at::Tensor& rows, const at::Tensor& destination, int64_t start) {
  const int64_t count = rows.dim() == 0 ? -1 : rows.size(0);
  if (count < 0 || destination.dim() != rows.dim() || destination.scalar_type() != rows.scalar_type() ||
      destination.sizes().slice(1) != rows.sizes().slice(1) || start < 0 ||
      count > destination.size(0) - start) {
    throw std::invalid_argument(c10::str("expected a destination for ", rows.scalar_type(), " ", rows.sizes(),
                                         " from row ", start, " on, got ", destination.scalar_type(), " ",
                                         destination.sizes()));
  }
  destination.narrow(0, start, count).copy_(rows);
}

}  // namespace snorkel_torch
