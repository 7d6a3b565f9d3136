// The checks behind guards.h, by what they are about. Each takes the stack of the operators beside its name.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/stack.h>

namespace snorkel_torch {

// Numbers: number_checks.cc
void CheckOrder(const torch::jit::Stack& stack);     // special's polynomials
void CheckQuotient(const torch::jit::Stack& stack);  // div, where it truncates
void CheckMultiple(const torch::jit::Stack& stack);  // lcm
void CheckRepeats(const torch::jit::Stack& stack);   // repeat_interleave
void CheckExtent(const torch::jit::Stack& stack);    // pooling
void CheckWindows1(const torch::jit::Stack& stack);  // max_pool1d
void CheckWindows2(const torch::jit::Stack& stack);  // max_pool2d
void CheckWindows3(const torch::jit::Stack& stack);  // max_pool3d
void CheckRows(const torch::jit::Stack& stack);      // pdist
void CheckTrials(const torch::jit::Stack& stack);    // binomial
void CheckSamples(const torch::jit::Stack& stack);   // fractional_max_pool

// Matrices: matrix_checks.cc
void CheckFinite(const torch::jit::Stack& stack);        // linalg_eigvals
void CheckFirstPivots(const torch::jit::Stack& stack);   // linalg_lu_solve, lu_unpack: (LU, pivots, ...)
void CheckSecondPivots(const torch::jit::Stack& stack);  // lu_solve: (self, LU, pivots)
void CheckBlockPivots(const torch::jit::Stack& stack);   // linalg_ldl_solve
void CheckAttention(const torch::jit::Stack& stack);     // scaled_dot_product_attention

// Positions in other tensors: position_checks.cc
void CheckBags(const torch::jit::Stack& stack);      // embedding_bag
void CheckSegments(const torch::jit::Stack& stack);  // segment_reduce
void CheckLabels(const torch::jit::Stack& stack);    // ctc_loss
void CheckGrid(const torch::jit::Stack& stack);      // grid_sampler

// Sequences: recurrent_checks.cc
void CheckLstm(const torch::jit::Stack& stack);     // lstm
void CheckGru(const torch::jit::Stack& stack);      // gru
void CheckRnn(const torch::jit::Stack& stack);      // rnn_tanh, rnn_relu
void CheckLengths(const torch::jit::Stack& stack);  // _pack_padded_sequence
void CheckPacked(const torch::jit::Stack& stack);   // _pad_packed_sequence

/// False for a tensor without values to look at.
inline bool HasValues(const at::Tensor& tensor) { return !tensor.is_meta() && tensor.numel() > 0; }

}  // namespace snorkel_torch
