#include "native/engine/resident_step.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

#include "native/engine/gradient_row.h"
#include "native/engine/step_update.h"
#include "native/torch/optim/clip.h"

namespace snorkel_torch {
namespace {

constexpr double kNormEpsilon = 1e-6;  // torch.nn.utils.clip_grad_norm_'s

// Of a step, if all of them have one.
int64_t BatchSizeOf(const Program& program) {
  for (const at::Tensor& input : program.inputs()) {
    if (input.dim() > 0) return input.size(0);
  }
  return 0;
}

std::vector<size_t> OwnersOf(const std::vector<at::Tensor>& gradients) {
  std::vector<size_t> owners;
  for (size_t i = 0; i < gradients.size(); i++) {
    if (gradients[i].defined() && gradients[i].numel() > 0) owners.push_back(i);
  }
  return owners;
}

// The largest absolute value of each: finite if all are.
std::vector<at::Tensor> LargestOf(const std::vector<at::Tensor>& tensors) {
  const bool are_short = tensors.front().itemsize() == 2;
  return at::_foreach_norm(tensors, std::numeric_limits<double>::infinity(),
                           are_short ? std::optional(at::kFloat) : std::nullopt);
}

// What holds all of them, with the largest of each gradient: float32 mostly.
at::ScalarType ScalarsOf(const std::vector<at::Tensor>& losses, const std::vector<at::Tensor>& gradients) {
  const auto is_float = [](const at::Tensor& tensor) { return tensor.scalar_type() == at::kFloat; };
  const auto is_normed_as_float = [](const at::Tensor& tensor) { return tensor.itemsize() <= 4; };
  return std::all_of(losses.begin(), losses.end(), is_float) &&
                 std::all_of(gradients.begin(), gradients.end(), is_normed_as_float)
             ? at::kFloat
             : at::kDouble;
}

at::Tensor StackScalars(std::vector<at::Tensor> scalars, at::ScalarType dtype) {
  for (at::Tensor& scalar : scalars) scalar = scalar.reshape({}).to(dtype);
  return at::stack(scalars);
}

}  // namespace

ResidentStep::ResidentStep(std::shared_ptr<Program> program, Optimizer& optimizer, double grad_clip,
                           FiniteWatch& watch, int64_t rates)
    : program_(std::move(program)),
      optimizer_(optimizer),
      grad_clip_(grad_clip),
      watch_(watch),
      inputs_(*program_),
      gradients_(GradientsFor(optimizer.parameters(), *program_)),
      ordered_(optimizer.InGradientOrder(gradients_)),
      owners_(OwnersOf(gradients_)),
      tables_(program_->arena()->device(), BatchSizeOf(*program_), rates,
              static_cast<int64_t>(program_->outputs().size() + owners_.size()),
              ScalarsOf(program_->outputs(), ordered_)),
      revision_(optimizer.revision()) {
  const auto options = at::TensorOptions(at::kFloat).device(program_->arena()->device());
  if (grad_clip > 0 && !ordered_.empty()) {
    update_.divisor = at::ones({}, options);
    least_divisor_ = at::full({}, kNormEpsilon / grad_clip, options);
  }
  update_.rates = tables_.rates();
  update_.is_good = watch.is_good();
  update_.is_bad = watch.is_bad();
}

bool ResidentStep::IsFor(const Optimizer& optimizer, double grad_clip) const {
  return &optimizer == &optimizer_ && optimizer.revision() == revision_ && grad_clip == grad_clip_;
}

void ResidentStep::Begin(const ResidentRows& rows) {
  tables_.Begin(rows.positions, rows.rates, rows.steps);
  Collect();
}

void ResidentStep::Collect() {
  buckets_ = optimizer_.Collect(gradients_);
  is_first_ =
      std::any_of(buckets_.begin(), buckets_.end(), [](const Bucket& bucket) { return bucket.is_first; });
  is_on_device_ = std::all_of(buckets_.begin(), buckets_.end(),
                              [&](const Bucket& bucket) { return optimizer_.IsOnDevice(bucket); });
}

bool ResidentStep::IsFirst() {
  // Another program may have made it meanwhile.
  if (is_first_) Collect();
  return is_first_;
}

// From the examples to losses and gradients, and whether they are finite.
void ResidentStep::Compute() {
  tables_.Select();
  inputs_.FillFromDevice(tables_.positions());
  program_->Run();
  std::vector<at::Tensor> values = program_->outputs();
  if (!owners_.empty()) {
    std::vector<at::Tensor> gradients;
    for (const size_t owner : owners_) gradients.push_back(gradients_[owner]);
    for (at::Tensor& largest : LargestOf(gradients)) values.push_back(std::move(largest));
  }
  if (!values.empty()) {
    const at::Tensor row = StackScalars(std::move(values), tables_.dtype());
    watch_.See(row);
    tables_.Keep(row);
  } else {
    tables_.Keep({});
  }
  if (update_.divisor.defined()) FindDivisor();
}

// The inverse of what clip_grad_norm_ multiplies by: fused kernels divide.
void ResidentStep::FindDivisor() {
  if (!row_.defined() && AreRow(ordered_, program_->flat_gradients())) row_ = program_->flat_gradients();
  const at::Tensor norm = row_.defined() ? at::linalg_vector_norm(row_) : TotalNorm(ordered_);
  at::add_out(update_.divisor, least_divisor_, norm, 1 / grad_clip_);
  update_.divisor.clamp_min_(1.0);
}

std::optional<std::string> ResidentStep::Launch(const CudaGraphApi* api, const std::vector<double>& rates,
                                                size_t number, ScalarJournal& journal) {
  std::optional<std::string> failure;
  const auto body = [&] {
    Compute();
    if (is_on_device_) optimizer_.UpdateOnDevice(buckets_, update_);
  };
  const bool may_be_graph = api != nullptr && has_run_ && !has_failed_;
  if (may_be_graph && !(graph_ && key_ == KeyNow())) {
    try {
      graph_.emplace(*api, program_->arena()->device(), program_->Generators(), body);
      key_ = KeyNow();
    } catch (const std::exception& error) {
      graph_.reset();
      has_failed_ = true;
      failure = error.what();
    }
  }
  if (may_be_graph && graph_) {
    program_->CheckOutside();
    graph_->Replay();
  } else {
    body();
    has_run_ = true;
  }
  if (!is_on_device_) {
    optimizer_.UpdateOnDevice(buckets_, update_);
    optimizer_.UpdateGuarded(buckets_, rates, update_, number, journal);
  }
  return failure;
}

void ResidentStep::LaunchFirst() {
  Compute();
  has_run_ = true;
}

void ResidentStep::UpdateFirst(const std::vector<double>& rates) {
  if (update_.divisor.defined()) {
    for (Bucket& bucket : buckets_) at::_foreach_div_(bucket.gradients, update_.divisor);
  }
  optimizer_.Update(buckets_, rates);
  Collect();
}

ResidentStep::GraphKey ResidentStep::KeyNow() const {
  return {program_->arena()->data(), tables_.place(), inputs_.places(), is_on_device_};
}

std::vector<double> ResidentStep::Read(int64_t steps, bool with_gradients) const {
  const size_t values = losses() + (with_gradients ? owners_.size() : 0);
  return tables_.Read(steps, static_cast<int64_t>(values));
}

}  // namespace snorkel_torch
