#include "native/engine/step_tables.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace snorkel_torch {
namespace {

// Runs of the Trainer have no more steps than this at a time.
constexpr int64_t kCapacity = 1024;

template <typename T>
void CopyRows(const at::Tensor& to, const std::vector<T>& rows, int64_t count) {
  if (rows.empty()) return;
  const auto options = at::TensorOptions(c10::CppTypeToScalarType<T>::value);
  to.narrow(0, 0, count).copy_(at::from_blob(const_cast<T*>(rows.data()), {count, to.size(1)}, options));
}

}  // namespace

StepTables::StepTables(c10::Device device, int64_t batch_size, int64_t rates, int64_t values)
    : batch_size_(batch_size), values_(values) {
  const auto on_device = [&](at::ScalarType dtype) { return at::TensorOptions(dtype).device(device); };
  next_ = at::zeros({1}, on_device(at::kLong));
  positions_row_ = at::zeros({1, batch_size}, on_device(at::kInt));
  rates_row_ = at::zeros({1, rates}, on_device(at::kFloat));
  positions_ = positions_row_.select(0, 0);
  rates_ = rates_row_.select(0, 0).unbind();
}

void StepTables::Begin(const std::vector<int32_t>& positions, const std::vector<float>& rates,
                       int64_t steps) {
  if (!all_kept_.defined() || steps > all_kept_.size(0)) {
    const int64_t capacity = std::max(steps, kCapacity);
    all_positions_ = at::zeros({capacity, batch_size_}, positions_row_.options());
    all_rates_ = at::zeros({capacity, rates_row_.size(1)}, rates_row_.options());
    all_kept_ = at::zeros({capacity, values_}, rates_row_.options().dtype(at::kDouble));
  }
  CopyRows(all_positions_, positions, steps);
  CopyRows(all_rates_, rates, steps);
  next_.zero_();
}

void StepTables::Select() {
  if (batch_size_ > 0) at::index_select_out(positions_row_, all_positions_, 0, next_);
  if (!rates_.empty()) at::index_select_out(rates_row_, all_rates_, 0, next_);
}

void StepTables::Keep(const at::Tensor& values) {
  if (values_ > 0) all_kept_.index_copy_(0, next_, values.to(at::kDouble).unsqueeze(0));
  next_.add_(1);
}

std::vector<double> StepTables::Read(int64_t steps, int64_t values) const {
  const at::Tensor kept = all_kept_.narrow(0, 0, steps).narrow(1, 0, values).cpu().contiguous();
  const double* numbers = kept.const_data_ptr<double>();
  return {numbers, numbers + kept.numel()};
}

}  // namespace snorkel_torch
