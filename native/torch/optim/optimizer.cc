#include "native/torch/optim/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <atomic>
#include <unordered_map>
#include <unordered_set>

namespace snorkel_torch {
namespace {

// True if both lie in memory in the same order, without gaps. The stride of a dimension of size 1 says
// nothing, but fused kernels of other devices than the CPU want it equal.
bool LieAlike(const at::Tensor& a, const at::Tensor& b) {
  if (!a.is_cpu()) return a.is_non_overlapping_and_dense() && a.strides() == b.strides();
  if (a.is_contiguous() && b.is_contiguous()) return true;
  if (!a.is_non_overlapping_and_dense()) return false;
  for (int64_t dim = 0; dim < a.dim(); dim++) {
    if (a.size(dim) != 1 && a.stride(dim) != b.stride(dim)) return false;
  }
  return true;
}

std::string Kind(const at::Tensor& tensor) {
  return c10::str(tensor.sizes(), " ", tensor.scalar_type(), " ", tensor.device());
}

Bucket& BucketFor(std::vector<Bucket>& buckets, size_t group, const at::Tensor& parameter, bool is_first,
                  bool is_aligned, size_t columns) {
  for (Bucket& bucket : buckets) {
    const at::Tensor& like = bucket.parameters.front();
    if (bucket.group == group && bucket.is_first == is_first && bucket.is_aligned == is_aligned &&
        like.device() == parameter.device() && like.scalar_type() == parameter.scalar_type()) {
      return bucket;
    }
  }
  return buckets.emplace_back(
      Bucket{group, is_first, is_aligned, {}, {}, {}, std::vector<std::vector<at::Tensor>>(columns)});
}

}  // namespace

uint64_t Optimizer::NextRevision() {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

void Optimizer::AddGroup(std::vector<at::Tensor> parameters, std::unique_ptr<Rule> rule) {
  std::unordered_set<const void*> seen;
  for (const at::Tensor& parameter : parameters_) seen.insert(parameter.unsafeGetTensorImpl());
  const size_t begin = parameters_.size();
  for (size_t i = 0; i < parameters.size(); i++) {
    const at::Tensor& parameter = parameters[i];
    const std::string name = PlaceOf(begin + i);
    if (!parameter.is_leaf()) {
      throw std::invalid_argument("expected a leaf tensor for " + name + ", got the result of an operation");
    }
    if (!parameter.is_floating_point() || parameter.layout() != c10::kStrided) {
      throw std::invalid_argument("expected a dense tensor of a floating dtype for " + name + ", got " +
                                  Kind(parameter));
    }
    if (!seen.insert(parameter.unsafeGetTensorImpl()).second) {
      throw std::invalid_argument("expected distinct parameters, got one for the second time as " + name);
    }
  }
  groups_.push_back({std::move(rule), begin, begin + parameters.size()});
  parameters_.insert(parameters_.end(), parameters.begin(), parameters.end());
  states_.resize(parameters_.size());
  gradient_order_.clear();
  revision_ = NextRevision();
}

void Optimizer::SetGradientOrder(const std::vector<at::Tensor>& parameters) {
  std::unordered_map<const void*, size_t> places;
  for (size_t i = 0; i < parameters_.size(); i++) places[parameters_[i].unsafeGetTensorImpl()] = i;
  std::vector<size_t> order;
  for (const at::Tensor& parameter : parameters) {
    const auto place = places.extract(parameter.unsafeGetTensorImpl());
    if (place) order.push_back(place.mapped());
  }
  if (order.size() != parameters_.size() || parameters.size() != order.size()) {
    throw std::invalid_argument("expected the optimizer's parameters, each once, for the order of gradients");
  }
  gradient_order_ = std::move(order);
}

std::vector<at::Tensor> Optimizer::Gradients() const {
  std::vector<at::Tensor> gradients;
  gradients.reserve(parameters_.size());
  for (const at::Tensor& parameter : parameters_) gradients.push_back(parameter.grad());
  return gradients;
}

std::vector<at::Tensor> Optimizer::InGradientOrder(const std::vector<at::Tensor>& gradients) const {
  std::vector<at::Tensor> ordered;
  ordered.reserve(gradients.size());
  for (size_t i = 0; i < gradients.size(); i++) {
    const at::Tensor& gradient = gradients[gradient_order_.empty() ? i : gradient_order_[i]];
    if (gradient.defined()) ordered.push_back(gradient);
  }
  return ordered;
}

void Optimizer::CheckTensor(size_t i, const char* what, const at::Tensor& tensor,
                            at::ScalarType dtype) const {
  const at::Tensor& parameter = parameters_[i];
  if (tensor.layout() != c10::kStrided) {
    throw std::invalid_argument(std::string("expected a dense ") + what + " for " + PlaceOf(i) +
                                ", got a sparse one");
  }
  if (tensor.sizes() == parameter.sizes() && tensor.scalar_type() == dtype &&
      tensor.device() == parameter.device()) {
    return;
  }
  throw std::invalid_argument(std::string("expected ") + what + " of " + PlaceOf(i) + " to be like it (" +
                              Kind(parameter) + "), got " + Kind(tensor) +
                              ". Make a new optimizer after changing or moving parameters");
}

// It is read and written without an operator.
void Optimizer::CheckScalar(size_t i, const std::string& name, const at::Tensor& tensor) const {
  if (tensor.layout() == c10::kStrided && tensor.dim() == 0 && tensor.scalar_type() == at::kFloat) return;
  throw std::invalid_argument("expected " + name + " of " + PlaceOf(i) +
                              " to be a float32 tensor of one number, got " + Kind(tensor) +
                              ". Leave the tensors of stateDict() as they are");
}

std::vector<Bucket> Optimizer::Collect(const std::vector<at::Tensor>& gradients) const {
  std::vector<Bucket> buckets;
  for (size_t g = 0; g < groups_.size(); g++) {
    const std::vector<StateEntry>& names = groups_[g].rule->StateEntries();
    for (size_t i = groups_[g].begin; i < groups_[g].end; i++) {
      const at::Tensor& parameter = parameters_[i];
      const at::Tensor& gradient = gradients[i];
      if (!gradient.defined()) continue;
      CheckTensor(i, "gradient", gradient, parameter.scalar_type());
      const auto& [master, entries] = states_[i];
      const bool has_master = HasMaster(parameter);
      const at::ScalarType dtype = has_master ? at::kFloat : parameter.scalar_type();
      bool is_aligned = parameter.is_non_overlapping_and_dense() && LieAlike(parameter, gradient);
      const auto check = [&](const char* name, const at::Tensor& tensor) {
        CheckTensor(i, name, tensor, dtype);
        is_aligned = is_aligned && LieAlike(parameter, tensor);
      };
      if (has_master && master.defined()) check(kMasterName, master);
      for (size_t k = 0; k < entries.size(); k++) {
        if (names[k].is_scalar) {
          CheckScalar(i, names[k].name, entries[k]);
        } else {
          check(names[k].name.c_str(), entries[k]);
        }
      }
      const bool is_first = entries.size() < names.size() || (has_master && !master.defined());
      Bucket& bucket = BucketFor(buckets, g, parameter, is_first, is_aligned, names.size());
      bucket.indices.push_back(i);
      bucket.parameters.push_back(parameter);
      bucket.gradients.push_back(gradient);
      if (is_first) continue;
      for (size_t k = 0; k < entries.size(); k++) bucket.state[k].push_back(entries[k]);
    }
  }
  return buckets;
}

void Optimizer::MakeState(Bucket& bucket) {
  const Rule& rule = *groups_[bucket.group].rule;
  for (const size_t i : bucket.indices) {
    auto& [master, entries] = states_[i];
    if (HasMaster(parameters_[i]) && !master.defined()) master = MakeMaster(parameters_[i]);
    if (entries.empty()) {
      for (const StateEntry& entry : rule.StateEntries())
        entries.push_back(MakeEntry(rule, entry, parameters_[i]));
    }
    for (size_t k = 0; k < entries.size(); k++) bucket.state[k].push_back(entries[k]);
  }
}

void Optimizer::CheckRates(const std::vector<double>& rates) const {
  if (rates.size() == groups_.size()) return;
  throw std::invalid_argument("expected one rate for each of " + std::to_string(groups_.size()) +
                              " parameter groups, got " + std::to_string(rates.size()));
}

void Optimizer::UpdateBucket(Bucket& bucket, double rate) const {
  const Rule& rule = *groups_[bucket.group].rule;
  if (IsFused(bucket)) {
    rule.UpdateFused(bucket, rate);
  } else {
    rule.UpdateForeach(bucket, rate);
  }
}

bool Optimizer::DividesGradients(const std::vector<Bucket>& buckets) const {
  return std::all_of(buckets.begin(), buckets.end(), [&](const Bucket& bucket) {
    return IsFused(bucket) && !HasMaster(bucket.parameters.front()) &&
           groups_[bucket.group].rule->HasFusedKernel(bucket);
  });
}

void Optimizer::Update(std::vector<Bucket>& buckets, const std::vector<double>& rates) {
  const at::NoGradGuard no_grad;
  CheckRates(rates);
  for (Bucket& bucket : buckets) {
    if (bucket.is_first) MakeState(bucket);
  }
  for (Bucket& bucket : buckets) {
    WithMasters(bucket, [&](Bucket& updated) { UpdateBucket(updated, rates[updated.group]); });
  }
}

void Optimizer::ClearGradients() {
  for (const at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

}  // namespace snorkel_torch
