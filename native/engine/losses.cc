#include "native/engine/losses.h"

#include <ATen/ops/_local_scalar_dense.h>
#include <ATen/ops/item.h>
#include <c10/core/DynamicCast.h>

#include <algorithm>
#include <cmath>

namespace snorkel_torch {

void ReadLosses(const std::vector<at::Tensor>& losses, std::vector<double>& values) {
  values.clear();
  for (const at::Tensor& loss : losses) {
    const bool is_plain =
        loss.is_cpu() && loss.layout() == c10::kStrided && loss.numel() == 1 && loss.is_floating_point();
    values.push_back(is_plain ? c10::fetch_and_cast<double>(loss.scalar_type(), loss.const_data_ptr())
                              : loss.item().toDouble());
  }
}

std::optional<size_t> FindBadLoss(const std::vector<double>& values) {
  const auto bad =
      std::find_if_not(values.begin(), values.end(), [](double loss) { return std::isfinite(loss); });
  return bad == values.end() ? std::nullopt : std::optional<size_t>(bad - values.begin());
}

}  // namespace snorkel_torch
