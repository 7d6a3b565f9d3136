#include "native/engine/gradient_row.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cstring>

#include "native/engine/memory_plan.h"

namespace snorkel_torch {

bool FitInRow(const std::vector<at::Tensor>& gradients) {
  return !gradients.empty() &&
         std::all_of(gradients.begin(), gradients.end(), [&](const at::Tensor& gradient) {
           return gradient.layout() == c10::kStrided && gradient.is_cpu() &&
                  gradient.scalar_type() == gradients.front().scalar_type() &&
                  gradient.is_non_overlapping_and_dense();
         });
}

bool AreRow(const std::vector<at::Tensor>& gradients, const at::Tensor& row) {
  if (!row.defined()) return false;
  const char* place = static_cast<const char*>(row.const_data_ptr());
  for (const at::Tensor& gradient : gradients) {
    if (gradient.const_data_ptr() != place) return false;
    place += Align(gradient.nbytes(), AlignmentOn(gradient.device()));
  }
  return place == static_cast<const char*>(row.const_data_ptr()) + row.nbytes();
}

at::Tensor MakeRow(const std::vector<at::Tensor>& gradients) {
  size_t bytes = 0;
  for (const at::Tensor& gradient : gradients)
    bytes += Align(gradient.nbytes(), AlignmentOn(gradient.device()));
  const at::Tensor& like = gradients.front();
  return at::zeros({static_cast<int64_t>(bytes / like.itemsize())}, like.options());
}

void CopyIntoRow(const std::vector<at::Tensor>& gradients, const at::Tensor& row) {
  char* place = static_cast<char*>(row.mutable_data_ptr());
  for (const at::Tensor& gradient : gradients) {
    if (gradient.nbytes() > 0) std::memcpy(place, gradient.const_data_ptr(), gradient.nbytes());
    place += Align(gradient.nbytes(), AlignmentOn(gradient.device()));
  }
}

}  // namespace snorkel_torch
