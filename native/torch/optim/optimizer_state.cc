// The state of an optimizer: how it is made, read, replaced and fitted to other rules.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "native/torch/optim/optimizer.h"

namespace snorkel_torch {
namespace {

const at::Tensor* Find(const Optimizer::State& state, const std::string& name) {
  const auto entry = std::find_if(state.begin(), state.end(),
                                  [&](const auto& candidate) { return candidate.first == name; });
  return entry == state.end() ? nullptr : &entry->second;
}

}  // namespace

void Optimizer::SetRule(size_t group, std::unique_ptr<Rule> rule) {
  Group& changed = groups_.at(group);
  std::vector<size_t> columns;  // where the old rule keeps what the new one does
  const std::vector<StateEntry>& old_entries = changed.rule->StateEntries();
  std::string missing;
  for (const StateEntry& entry : rule->StateEntries()) {
    const auto found = std::find_if(old_entries.begin(), old_entries.end(),
                                    [&](const StateEntry& old) { return old.name == entry.name; });
    if (found == old_entries.end()) missing = entry.name;
    columns.push_back(found - old_entries.begin());
  }
  for (size_t i = changed.begin; i < changed.end && !missing.empty(); i++) {
    if (states_[i].entries.empty()) continue;
    throw std::invalid_argument("expected options that keep no more state than before, got some that need " +
                                missing + " of " + PlaceOf(i) + ". Make a new optimizer");
  }
  for (size_t i = changed.begin; i < changed.end; i++) {
    if (states_[i].entries.empty()) continue;
    std::vector<at::Tensor> entries;
    for (const size_t column : columns) entries.push_back(states_[i].entries[column]);
    states_[i].entries = std::move(entries);
  }
  changed.rule = std::move(rule);
  revision_ = NextRevision();
}

std::vector<Optimizer::State> Optimizer::States() const {
  std::vector<State> states(states_.size());
  for (const Group& group : groups_) {
    for (size_t i = group.begin; i < group.end; i++) {
      const auto& [master, entries] = states_[i];
      for (size_t k = 0; k < entries.size(); k++)
        states[i].emplace_back(group.rule->StateEntries()[k].name, entries[k]);
      if (master.defined()) states[i].emplace_back(kMasterName, master);
    }
  }
  return states;
}

void Optimizer::LoadState(std::vector<std::unique_ptr<Rule>> rules, const std::vector<State>& states) {
  const at::NoGradGuard no_grad;
  if (rules.size() != groups_.size() || states.size() != parameters_.size()) {
    throw std::invalid_argument("expected the state of " + std::to_string(parameters_.size()) +
                                " parameters in " + std::to_string(groups_.size()) + " groups, got " +
                                std::to_string(states.size()) + " in " + std::to_string(rules.size()));
  }
  std::vector<Kept> loaded(states.size());
  for (size_t g = 0; g < groups_.size(); g++) {
    for (size_t i = groups_[g].begin; i < groups_[g].end; i++) {
      if (!states[i].empty()) loaded[i] = LoadKept(*rules[g], i, states[i]);
    }
  }
  for (size_t g = 0; g < groups_.size(); g++) groups_[g].rule = std::move(rules[g]);
  states_ = std::move(loaded);
  revision_ = NextRevision();
}

// A state without masters, such as PyTorch's, starts them from the parameters.
Optimizer::Kept Optimizer::LoadKept(const Rule& rule, size_t i, const State& state) const {
  const at::Tensor& parameter = parameters_[i];
  Kept kept;
  const auto load = [&](const std::string& name, const at::Tensor& made, const at::Tensor& given) {
    if (given.sizes() == made.sizes()) return made.copy_(given);
    throw std::invalid_argument("expected the shape " + c10::str(made.sizes()) + " for " + name + " of " +
                                PlaceOf(i) + ", got " + c10::str(given.sizes()));
  };
  for (const StateEntry& entry : rule.StateEntries()) {
    const at::Tensor* given = Find(state, entry.name);
    if (!given)
      throw std::invalid_argument("expected a tensor for " + entry.name + " of " + PlaceOf(i) + ", got none");
    kept.entries.push_back(load(entry.name, MakeEntry(rule, entry, parameter), *given));
  }
  if (HasMaster(parameter)) {
    kept.master = MakeMaster(parameter);
    if (const at::Tensor* given = Find(state, kMasterName)) load(kMasterName, kept.master, *given);
  }
  return kept;
}

bool Optimizer::HasMaster(const at::Tensor& parameter) const {
  if (!options_.has_masters) return false;
  return parameter.scalar_type() == at::kBFloat16 || parameter.scalar_type() == at::kHalf;
}

at::Tensor Optimizer::MakeMaster(const at::Tensor& parameter) const {
  return parameter.detach().to(at::kFloat);
}

// The fused kernels read a scalar where the parameter is; everything else reads it on the CPU.
at::Tensor Optimizer::MakeEntry(const Rule& rule, const StateEntry& entry,
                                const at::Tensor& parameter) const {
  if (!entry.is_scalar) {
    const at::ScalarType dtype = HasMaster(parameter) ? at::kFloat : parameter.scalar_type();
    return at::full_like(parameter, entry.initial, dtype, {}, {}, {}, c10::MemoryFormat::Preserve);
  }
  const bool is_beside = options_.is_fused && rule.KeepsScalarsWithParameters();
  const c10::Device device = is_beside ? parameter.device() : c10::Device(c10::kCPU);
  return at::full({}, entry.initial, at::TensorOptions(c10::kFloat).device(device));
}

}  // namespace snorkel_torch
