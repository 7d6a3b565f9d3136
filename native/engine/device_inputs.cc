#include "native/engine/device_inputs.h"

#include <ATen/ATen.h>

#include <variant>

namespace snorkel_torch {

void DeviceInputs::Begin(const std::vector<InputSource>& sources, ResidentData& data) {
  sources_ = sources;
  on_device_.clear();
  for (size_t i = 0; i < sources.size(); i++) {
    const auto* rows = std::get_if<RowSource>(&sources[i]);
    if (auto* ragged = std::get_if<RaggedSource>(&sources_[i]); ragged && !ragged->values.is_cpu())
      ragged->values = data.FindOnHost(ragged->values);
    if (rows == nullptr) continue;
    CheckRows(*rows, inputs_[i]);
    if (const at::Tensor found = data.Find(rows->tensor, inputs_[i].device()); found.defined())
      on_device_[i] = found;
  }
}

void DeviceInputs::Check(std::span<const int32_t> positions) const {
  for (const auto& [input, examples] : on_device_) {
    CheckBatchSize(positions.size(), inputs_[input]);
    CheckPositions(positions, examples.size(0));
  }
}

void DeviceInputs::FillFromHost(std::span<const int32_t> positions) {
  for (size_t i = 0; i < sources_.size(); i++) {
    if (on_device_.count(i) > 0) continue;
    staging_.try_emplace(i, inputs_[i]).first->second.Fill(sources_[i], positions);
  }
}

void DeviceInputs::FillFromDevice(const at::Tensor& positions) const {
  for (const auto& [i, examples] : on_device_) {
    at::Tensor input = inputs_[i];
    if (input.is_contiguous()) {
      at::index_select_out(input, examples, 0, positions);
    } else {
      input.copy_(examples.index_select(0, positions));
    }
  }
}

std::vector<const void*> DeviceInputs::places() const {
  std::vector<const void*> places;
  for (const auto& [input, examples] : on_device_) places.push_back(examples.const_data_ptr());
  return places;
}

}  // namespace snorkel_torch
