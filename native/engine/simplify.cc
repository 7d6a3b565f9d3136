#include "native/engine/simplify.h"

#include <ATen/core/enum_tag.h>

#include <algorithm>
#include <unordered_set>

namespace snorkel_torch {
namespace {

using Names = std::unordered_set<std::string>;

const Names& Allocations() {
  static const Names names = {"aten::empty",     "aten::empty_like",    "aten::empty_permuted",
                              "aten::new_empty", "aten::empty_strided", "aten::new_empty_strided"};
  return names;
}

// Operators that look at the shape, dtype and device of a tensor, and not at its values.
const Names& ShapeReaders() {
  static const Names names = {"aten::zeros_like", "aten::ones_like", "aten::full_like",
                              "aten::new_zeros",  "aten::new_ones",  "aten::new_full"};
  return names;
}

// Operators that change running statistics, of which their schemas say nothing.
const Names& StatisticsKeepers() {
  static const Names names = {"aten::native_batch_norm", "aten::cudnn_batch_norm", "aten::miopen_batch_norm"};
  return names;
}

// Operators that change running statistics, though their schemas do not say so.
const Names& StatisticsUpdaters() {
  static const Names names = {"aten::native_batch_norm",       "aten::cudnn_batch_norm",
                              "aten::miopen_batch_norm",       "aten::batch_norm_update_stats",
                              "aten::batch_norm_gather_stats", "aten::batch_norm_gather_stats_with_counts"};
  return names;
}

bool Contains(const Names& names, const RecordedCall& call) {
  return names.count(call.op.schema().name()) > 0;
}

class Simplifier {
 public:
  Simplifier(const Record& record, const std::vector<bool>& is_fixed)
      : record_(record), fates_(record.calls.size(), Fate::kRun), varies_(record.storages.size(), false) {
    for (size_t i = 0; i < record.tensors.size(); i++) {
      const size_t storage = record.tensors[i].storage;
      if (record.storages[storage].origin != Origin::kComputed && !is_fixed[i]) varies_[storage] = true;
    }
  }

  std::vector<Fate> Run() {
    FindWhatVaries();
    LeaveOutWhatIsUnused();
    return std::move(fates_);
  }

 private:
  const std::vector<RecordedCall>& calls() const { return record_.calls; }

  bool ReadsWhatVaries(const RecordedCall& call) const {
    bool reads = false;
    const auto see = [&](size_t tensor) { reads = reads || varies_[record_.tensors[tensor].storage]; };
    for (size_t i = 0; i < call.arguments.size() && !ReadsShapes(call); i++) {
      if (!call.guard || ReadsValuesOf(call.guard, i)) ForEachTensor({call.arguments[i]}, see);
    }
    return reads;
  }

  // Memory that one call fills with what varies is filled anew in every step, by all of its calls. So is
  // memory that changes after a call of every step has read it.
  void FindWhatVaries() {
    for (bool changed = true; changed;) {
      changed = false;
      std::vector<bool> was_read(record_.storages.size(), false);  // in every step
      for (const RecordedCall& call : calls()) {
        if (IsView(record_, call)) continue;
        const std::vector<size_t> written = WrittenStorages(record_, call);
        const auto varies = [&](size_t storage) { return varies_[storage] || was_read[storage]; };
        const bool is_changed = std::any_of(written.begin(), written.end(), varies);
        if (!IsRandom(call) && !ReadsWhatVaries(call) && !is_changed) continue;
        ForEachTensor(call.arguments, [&](size_t i) { was_read[record_.tensors[i].storage] = true; });
        for (const size_t storage : written) {
          changed = changed || !varies_[storage];
          varies_[storage] = true;
        }
      }
    }
    for (size_t i = 0; i < calls().size(); i++) {
      const std::vector<size_t> written = WrittenStorages(record_, calls()[i]);
      const auto varies = [&](size_t storage) { return varies_[storage]; };
      const bool is_check = calls()[i].guard != nullptr;
      const bool runs = is_check
                            ? ReadsWhatVaries(calls()[i])
                            : IsRandom(calls()[i]) || std::any_of(written.begin(), written.end(), varies);
      if (!runs) fates_[i] = Fate::kRunOnce;
      if (!is_check && (IsView(record_, calls()[i]) || IsAllocation(calls()[i]))) fates_[i] = Fate::kLeaveOut;
    }
  }

  // From the end to the start: what is used later is needed. Random operators stay, for they move the
  // generator.
  void LeaveOutWhatIsUnused() {
    std::vector<bool> is_needed(record_.storages.size(), false);
    const auto need = [&](size_t tensor) { is_needed[record_.tensors[tensor].storage] = true; };
    for (size_t i = 0; i < record_.storages.size(); i++)
      is_needed[i] = record_.storages[i].origin != Origin::kComputed;
    for (const size_t output : record_.outputs) need(output);
    for (const RecordedGradient& gradient : record_.gradients) need(gradient.gradient);
    for (size_t i = calls().size(); i-- > 0;) {
      if (fates_[i] == Fate::kLeaveOut) continue;
      const RecordedCall& call = calls()[i];
      const std::vector<size_t> written = WrittenStorages(record_, call);
      const auto needed = [&](size_t storage) { return is_needed[storage]; };
      if (call.guard || IsRandom(call) || std::any_of(written.begin(), written.end(), needed)) {
        if (!ReadsShapes(call)) ForEachTensor(call.arguments, need);
        ForEachTensor(call.results, need);
      } else {
        fates_[i] = Fate::kLeaveOut;
      }
    }
  }

  const Record& record_;
  std::vector<Fate> fates_;
  std::vector<bool> varies_;  // by storage
};

}  // namespace

bool IsWritten(const RecordedCall& call, size_t argument) {
  if (call.guard) return false;
  const c10::Argument& given = call.op.schema().arguments()[argument];
  if (Contains(StatisticsUpdaters(), call) && given.name().starts_with("running_")) return true;
  return given.alias_info() != nullptr && given.alias_info()->isWrite();
}

bool ReadsShapes(const RecordedCall& call) { return !call.guard && Contains(ShapeReaders(), call); }

bool Writes(const RecordedCall& call) {
  bool writes = false;
  for (size_t i = 0; i < call.arguments.size(); i++) writes = writes || IsWritten(call, i);
  return writes;
}

std::vector<size_t> NewStorages(const Record& record, const RecordedCall& call) {
  std::unordered_set<size_t> given;
  ForEachTensor(call.arguments, [&](size_t tensor) { given.insert(record.tensors[tensor].storage); });
  std::vector<size_t> made;
  ForEachTensor(call.results, [&](size_t tensor) {
    const size_t storage = record.tensors[tensor].storage;
    if (given.count(storage) == 0 && record.storages[storage].origin == Origin::kComputed)
      made.push_back(storage);
  });
  return made;
}

std::vector<size_t> WrittenStorages(const Record& record, const RecordedCall& call) {
  std::vector<size_t> written;
  const auto add = [&](size_t tensor) { written.push_back(record.tensors[tensor].storage); };
  if (call.guard) return written;
  for (size_t i = 0; i < call.arguments.size(); i++) {
    if (IsWritten(call, i)) ForEachTensor({call.arguments[i]}, add);
  }
  // running_mean and running_var.
  if (Contains(StatisticsKeepers(), call)) ForEachTensor({call.arguments[3], call.arguments[4]}, add);
  ForEachTensor(call.results, add);
  return written;
}

bool IsView(const Record& record, const RecordedCall& call) {
  if (Writes(call) || call.guard) return false;
  std::unordered_set<size_t> given;
  ForEachTensor(call.arguments, [&](size_t tensor) { given.insert(record.tensors[tensor].storage); });
  bool is_view = true;
  bool has_results = false;
  ForEachTensor(call.results, [&](size_t tensor) {
    has_results = true;
    is_view = is_view && given.count(record.tensors[tensor].storage) > 0;
  });
  return has_results && is_view;
}

bool IsRandom(const RecordedCall& call) {
  if (call.guard) return false;
  const auto& arguments = call.op.schema().arguments();
  return call.op.hasTag(at::Tag::nondeterministic_seeded) ||
         std::any_of(arguments.begin(), arguments.end(),
                     [](const c10::Argument& argument) { return argument.name() == "generator"; });
}

bool IsAllocation(const RecordedCall& call) { return !call.guard && Contains(Allocations(), call); }

std::vector<Fate> Simplify(const Record& record, const std::vector<bool>& is_fixed) {
  return Simplifier(record, is_fixed).Run();
}

}  // namespace snorkel_torch
