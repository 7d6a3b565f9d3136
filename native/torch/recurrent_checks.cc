#include <ATen/ATen.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "native/torch/guard_checks.h"

namespace snorkel_torch {
namespace {

// Gates times this is far from overflowing.
constexpr int64_t kMaxSize = int64_t{1} << 40;

void ExpectShape(const at::Tensor& tensor, const std::vector<int64_t>& shape, const std::string& name) {
  const c10::IntArrayRef expected(shape);
  if (tensor.sizes() == expected) return;
  throw std::invalid_argument("expected a tensor of size " + c10::str(expected) + " for " + name + ", got " +
                              c10::str(tensor.sizes()));
}

void ExpectAlike(const at::Tensor& tensor, const at::Tensor& input, const std::string& name) {
  if (tensor.scalar_type() == input.scalar_type() && tensor.device() == input.device() &&
      tensor.layout() == c10::kStrided) {
    return;
  }
  throw std::invalid_argument("expected the dtype and device of the input (" +
                              c10::str(input.scalar_type(), " on ", input.device()) + ") for " + name +
                              ", got " + c10::str(tensor.scalar_type(), " on ", tensor.device()));
}

// How many sequences there are at each step; the kernels walk through data and hidden state by it. Returns
// the first, the number of sequences.
int64_t CheckBatchSizes(const at::Tensor& data, const at::Tensor& batch_sizes) {
  const std::string what =
      "expected numbers of sequences per step (int64 on the CPU, at least 1, none greater than the one "
      "before) that sum up to the data's rows for batchSizes";
  if (!batch_sizes.is_cpu() || batch_sizes.scalar_type() != c10::kLong || batch_sizes.dim() != 1 ||
      batch_sizes.numel() == 0 || data.dim() == 0) {
    throw std::invalid_argument(what);
  }
  const at::Tensor sizes = batch_sizes.contiguous();
  const int64_t* values = sizes.const_data_ptr<int64_t>();
  int64_t left = data.size(0);
  for (int64_t step = 0; step < sizes.numel(); step++) {
    const bool grows = step > 0 && values[step] > values[step - 1];
    if (values[step] < 1 || values[step] > left || grows) throw std::invalid_argument(what);
    left -= values[step];
  }
  if (left != 0) throw std::invalid_argument(what);
  return values[0];
}

// What the operators take: (input, hx, params, has_biases, num_layers, dropout, train, bidirectional,
// batch_first), or for packed sequences (data, batch_sizes, hx, params, ...) without batch_first.
struct Recurrent {
  explicit Recurrent(const torch::jit::Stack& stack) : is_packed(stack[3].isList()) {
    const size_t hx = is_packed ? 2 : 1;
    input = stack[0].toTensor();
    if (is_packed) batch_sizes = stack[1].toTensor();
    hidden =
        stack[hx].isTensor() ? std::vector<at::Tensor>{stack[hx].toTensor()} : stack[hx].toTensorVector();
    params = stack[hx + 1].toTensorVector();
    has_biases = stack[hx + 2].toBool();
    layers = stack[hx + 3].toInt();
    directions = stack[hx + 6].toBool() ? 2 : 1;
    batch_first = !is_packed && stack[hx + 7].toBool();
  }

  bool is_packed;
  at::Tensor input;
  at::Tensor batch_sizes;
  std::vector<at::Tensor> hidden;
  std::vector<at::Tensor> params;
  bool has_biases;
  int64_t layers;
  int64_t directions;
  bool batch_first;
};

int64_t CountSequences(const Recurrent& call) {
  const int64_t rank = call.is_packed ? 2 : 3;
  if (call.input.dim() != rank) {
    throw std::invalid_argument("expected " + std::to_string(rank) + " dimensions for input, got " +
                                std::to_string(call.input.dim()));
  }
  if (call.is_packed) return CheckBatchSizes(call.input, call.batch_sizes);
  if (call.input.size(call.batch_first ? 1 : 0) == 0) {
    throw std::invalid_argument("expected at least one step for input");
  }
  return call.input.size(call.batch_first ? 0 : 1);
}

// The weights and biases, in the order and of the sizes of PyTorch's modules.
void CheckParams(const Recurrent& call, int64_t gates, int64_t hidden_size, int64_t output_size) {
  const bool projects = output_size != hidden_size;
  const int64_t kinds = 2 + (call.has_biases ? 2 : 0) + (projects ? 1 : 0);
  const auto count = static_cast<int64_t>(call.params.size());
  if (call.layers < 1 || call.layers > count || call.layers * call.directions * kinds != count) {
    throw std::invalid_argument("expected " + std::to_string(kinds) +
                                " weights per layer and direction, got " + std::to_string(count) + " for " +
                                std::to_string(call.layers) + " layers");
  }
  auto param = call.params.begin();
  for (int64_t layer = 0; layer < call.layers; layer++) {
    const int64_t input_size = layer == 0 ? call.input.size(-1) : output_size * call.directions;
    for (int64_t direction = 0; direction < call.directions; direction++) {
      const std::string suffix = "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
      const auto check = [&](const char* kind, const std::vector<int64_t>& shape) {
        ExpectAlike(*param, call.input, kind + suffix);
        ExpectShape(*param++, shape, kind + suffix);
      };
      check("weight_ih", {gates * hidden_size, input_size});
      check("weight_hh", {gates * hidden_size, output_size});
      if (call.has_biases) check("bias_ih", {gates * hidden_size});
      if (call.has_biases) check("bias_hh", {gates * hidden_size});
      if (projects) check("weight_hr", {output_size, hidden_size});
    }
  }
}

void CheckRecurrent(const torch::jit::Stack& stack, int64_t gates, size_t states) {
  const Recurrent call(stack);
  if (!at::isFloatingType(call.input.scalar_type())) {
    throw std::invalid_argument("expected a floating dtype for input, got " +
                                c10::str(call.input.scalar_type()));
  }
  const int64_t sequences = CountSequences(call);
  if (call.hidden.size() != states) {
    throw std::invalid_argument("expected " + std::to_string(states) + " tensors for hx, got " +
                                std::to_string(call.hidden.size()));
  }
  for (const at::Tensor& state : call.hidden) {
    ExpectAlike(state, call.input, "hx");
    if (state.dim() != 3 || state.size(2) < 1 || state.size(2) > kMaxSize) {
      throw std::invalid_argument("expected [layers * directions, sequences, size] for hx, got " +
                                  c10::str(state.sizes()));
    }
  }
  const int64_t output_size = call.hidden.front().size(2);
  const int64_t hidden_size = call.hidden.back().size(2);
  CheckParams(call, gates, hidden_size, output_size);
  for (const at::Tensor& state : call.hidden) {
    ExpectShape(state, {call.layers * call.directions, sequences, state.size(2)}, "hx");
  }
}

}  // namespace

void CheckLstm(const torch::jit::Stack& stack) { CheckRecurrent(stack, 4, 2); }

void CheckGru(const torch::jit::Stack& stack) { CheckRecurrent(stack, 3, 1); }

void CheckRnn(const torch::jit::Stack& stack) { CheckRecurrent(stack, 1, 1); }

// _pack_padded_sequence(input, lengths, batch_first). That they descend, LibTorch checks.
void CheckLengths(const torch::jit::Stack& stack) {
  const at::Tensor& input = stack[0].toTensor();
  const at::Tensor& lengths = stack[1].toTensor();
  if (!lengths.is_cpu() || lengths.scalar_type() != c10::kLong || lengths.dim() != 1 || input.dim() < 2) {
    throw std::invalid_argument("expected at least 2 dimensions for input, and int64 on the CPU for lengths");
  }
  const int64_t steps = input.size(stack[2].toBool() ? 1 : 0);
  if (HasValues(lengths) && (lengths.min().item<int64_t>() < 1 || lengths.max().item<int64_t>() > steps)) {
    throw std::invalid_argument("expected lengths from 1 to " + std::to_string(steps) + " for lengths");
  }
}

// _pad_packed_sequence(data, batch_sizes, ...)
void CheckPacked(const torch::jit::Stack& stack) {
  CheckBatchSizes(stack[0].toTensor(), stack[1].toTensor());
}

}  // namespace snorkel_torch
