#include "native/torch/guards.h"

#include <unordered_map>

#include "native/torch/guard_checks.h"

namespace snorkel_torch {
namespace {

const std::unordered_map<std::string, ArgumentGuard>& Guards() {
  static const std::unordered_map<std::string, ArgumentGuard> guards = {
      {"aten::_pack_padded_sequence", CheckLengths},
      {"aten::_pad_packed_sequence", CheckPacked},
      {"aten::adaptive_avg_pool1d", CheckExtent},
      {"aten::adaptive_avg_pool2d", CheckExtent},
      {"aten::adaptive_avg_pool3d", CheckExtent},
      {"aten::adaptive_max_pool1d", CheckExtent},
      {"aten::adaptive_max_pool2d", CheckExtent},
      {"aten::adaptive_max_pool3d", CheckExtent},
      {"aten::binomial", CheckTrials},
      {"aten::ctc_loss", CheckLabels},
      {"aten::div", CheckQuotient},
      {"aten::div_", CheckQuotient},
      {"aten::divide", CheckQuotient},
      {"aten::divide_", CheckQuotient},
      {"aten::embedding_bag", CheckBags},
      {"aten::fractional_max_pool2d", CheckSamples},
      {"aten::fractional_max_pool3d", CheckSamples},
      {"aten::gru", CheckGru},
      {"aten::grid_sampler", CheckGrid},
      {"aten::grid_sampler_2d", CheckGrid},
      {"aten::grid_sampler_3d", CheckGrid},
      {"aten::lcm", CheckMultiple},
      {"aten::lcm_", CheckMultiple},
      {"aten::linalg_eigvals", CheckFinite},
      {"aten::linalg_ldl_solve", CheckBlockPivots},
      {"aten::linalg_lu_solve", CheckFirstPivots},
      {"aten::lstm", CheckLstm},
      {"aten::lu_solve", CheckSecondPivots},
      {"aten::lu_unpack", CheckFirstPivots},
      {"aten::max_pool1d", CheckWindows1},
      {"aten::max_pool1d_with_indices", CheckWindows1},
      {"aten::max_pool2d", CheckWindows2},
      {"aten::max_pool2d_with_indices", CheckWindows2},
      {"aten::max_pool3d", CheckWindows3},
      {"aten::max_pool3d_with_indices", CheckWindows3},
      {"aten::pdist", CheckRows},
      {"aten::repeat_interleave", CheckRepeats},
      {"aten::rnn_relu", CheckRnn},
      {"aten::rnn_tanh", CheckRnn},
      {"aten::scaled_dot_product_attention", CheckAttention},
      {"aten::segment_reduce", CheckSegments},
      {"aten::special_chebyshev_polynomial_t", CheckOrder},
      {"aten::special_chebyshev_polynomial_u", CheckOrder},
      {"aten::special_chebyshev_polynomial_v", CheckOrder},
      {"aten::special_chebyshev_polynomial_w", CheckOrder},
      {"aten::special_hermite_polynomial_h", CheckOrder},
      {"aten::special_hermite_polynomial_he", CheckOrder},
      {"aten::special_laguerre_polynomial_l", CheckOrder},
      {"aten::special_legendre_polynomial_p", CheckOrder},
      {"aten::special_shifted_chebyshev_polynomial_t", CheckOrder},
      {"aten::special_shifted_chebyshev_polynomial_u", CheckOrder},
      {"aten::special_shifted_chebyshev_polynomial_v", CheckOrder},
      {"aten::special_shifted_chebyshev_polynomial_w", CheckOrder},
  };
  return guards;
}

}  // namespace

ArgumentGuard FindGuard(const std::string& name) {
  const auto found = Guards().find(name);
  return found == Guards().end() ? nullptr : found->second;
}

bool ReadsValuesOf(ArgumentGuard guard, size_t argument) {
  for (const ArgumentGuard of_sizes : {CheckExtent, CheckWindows1, CheckWindows2, CheckWindows3})
    if (guard == of_sizes) return false;
  if (guard == CheckBags) return argument == 2;  // the offsets
  return true;
}

}  // namespace snorkel_torch
