#include "native/engine/step_tables.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>

namespace snorkel_torch {
namespace {

// Runs of the Trainer have no more steps than this at a time.
constexpr int64_t kCapacity = 1024;

// One row for each step. Without positions, theirs are left as zeros.
std::vector<int32_t> Interleave(const std::vector<int32_t>& positions, int64_t batch_size,
                                const std::vector<float>& rates, int64_t steps) {
  const int64_t rates_of_step = static_cast<int64_t>(rates.size()) / steps;
  std::vector<int32_t> rows(steps * (batch_size + rates_of_step));
  auto to = rows.begin();
  for (int64_t step = 0; step < steps; step++, to += rates_of_step) {
    if (!positions.empty()) std::copy_n(positions.begin() + step * batch_size, batch_size, to);
    to += batch_size;
    std::transform(rates.begin() + step * rates_of_step, rates.begin() + (step + 1) * rates_of_step, to,
                   [](float rate) { return std::bit_cast<int32_t>(rate); });
  }
  return rows;
}

}  // namespace

StepTables::StepTables(c10::Device device, int64_t batch_size, int64_t rates, int64_t values,
                       at::ScalarType dtype)
    : batch_size_(batch_size), values_(values), dtype_(dtype) {
  const auto options = at::TensorOptions(device);
  next_ = at::zeros({1}, options.dtype(at::kLong));
  needed_ = at::zeros({1, batch_size + rates}, options.dtype(at::kInt));
  positions_ = needed_[0].narrow(0, 0, batch_size);
  rates_ = needed_[0].narrow(0, batch_size, rates).view(at::kFloat).unbind();
}

void StepTables::Begin(const std::vector<int32_t>& positions, const std::vector<float>& rates,
                       int64_t steps) {
  if (!all_kept_.defined() || steps > all_kept_.size(0)) {
    const int64_t capacity = std::max(steps, kCapacity);
    all_needed_ = at::zeros({capacity, needed_.size(1)}, needed_.options());
    all_kept_ = at::zeros({capacity, values_}, needed_.options().dtype(dtype_));
  }
  std::vector<int32_t> rows = Interleave(positions, batch_size_, rates, steps);
  all_needed_.narrow(0, 0, steps).copy_(at::from_blob(rows.data(), {steps, needed_.size(1)}, at::kInt));
  next_.zero_();
}

void StepTables::Select() {
  if (needed_.size(1) > 0) at::index_select_out(needed_, all_needed_, 0, next_);
}

void StepTables::Keep(const at::Tensor& values) {
  if (values_ > 0) all_kept_.index_copy_(0, next_, values.unsqueeze(0));
  next_.add_(1);
}

std::vector<double> StepTables::Read(int64_t steps, int64_t values) const {
  const at::Tensor kept =
      all_kept_.narrow(0, 0, steps).narrow(1, 0, values).to(at::kCPU, at::kDouble).contiguous();
  const double* numbers = kept.const_data_ptr<double>();
  return {numbers, numbers + kept.numel()};
}

}  // namespace snorkel_torch
