#include "native/engine/read_plan.h"

#include <ATen/ATen.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "native/boundary/convert.h"
#include "native/boundary/typed_array.h"
#include "native/engine/gradient_sums_handle.h"
#include "native/engine/program_handle.h"
#include "native/torch/optim/optimizer_handle.h"
#include "native/torch/tensor.h"

namespace snorkel_torch {
namespace {

[[noreturn]] void ThrowCount(size_t expected, const std::string& name, size_t got) {
  throw std::invalid_argument("expected " + std::to_string(expected) + " elements for " + name + ", got " +
                              std::to_string(got));
}

Napi::Object ReadObject(const Napi::Value& value, const Name& name) {
  if (!value.IsObject()) ThrowExpected("an object", name, value);
  return value.As<Napi::Object>();
}

// One element that is the padding of a batch, as masked_fill makes it.
at::Tensor MakePadding(const at::Tensor& values, double number) {
  const bool is_integer = at::isIntegralType(values.scalar_type(), /*includeBool=*/true) &&
                          std::trunc(number) == number && std::abs(number) <= kMaxSafeInteger;
  const at::Scalar scalar = is_integer ? at::Scalar(static_cast<int64_t>(number)) : at::Scalar(number);
  return at::zeros({1}, at::TensorOptions(values.scalar_type()))
      .masked_fill(at::ones({1}, at::kBool), scalar);
}

class PlanReader {
 public:
  explicit PlanReader(const Napi::Value& value) : object_(ReadObject(value, "plan")) {}

  GivenPlan Read() {
    plan_.steps = ReadTypedArray<int32_t>(object_.Get("steps"), "plan.steps");
    plan_.positions = ReadTypedArray<int32_t>(object_.Get("positions"), "plan.positions");
    plan_.starts = ReadTypedArray<int32_t>(object_.Get("starts"), "plan.starts");
    plan_.counts = ReadTypedArray<double>(object_.Get("counts"), "plan.counts");
    plan_.losses = ReadTypedArray<double>(object_.Get("losses"), "plan.losses");
    plan_.points = ReadTypedArray<double>(object_.Get("points"), "plan.points");
    if (plan_.points.size() != plan_.losses.size())
      ThrowCount(plan_.losses.size(), "plan.points", plan_.points.size());
    plan_.grad_clip = ReadNumber(object_.Get("gradClip"), "plan.gradClip");
    ReadPrograms();
    ReadGiven();
    ReadRates();
    ReadDestinations();
    const Napi::Value optimizer = object_.Get("optimizer");
    const Napi::Value sums = ReadAccumulation();
    // Last: reading runs code of the user's, which can dispose of them.
    if (!optimizer.IsNull()) plan_.optimizer = &Unwrap<Optimizer>(optimizer, "plan.optimizer");
    if (!sums.IsNull()) plan_.sums = &Unwrap<GradientSums>(sums, "plan.accumulation.sums");
    Check();
    return {std::move(plan_), optimizer, sums};
  }

 private:
  void ReadPrograms() {
    const Napi::Array programs = ReadArray(object_.Get("programs"), "plan.programs");
    for (uint32_t i = 0; i < programs.Length(); i++) {
      const std::string name = "plan.programs[" + std::to_string(i) + "]";
      const Napi::Object object = ReadObject(programs.Get(i), name);
      RunProgram run;
      const Napi::Value sources = object.Get("sources");
      has_sources_.push_back(!sources.IsNull());
      if (has_sources_.back()) run.sources = ReadSources(sources, name + ".sources");
      for (const int64_t sum : ReadIntegers(object.Get("names"), name + ".names")) {
        if (sum < 0 || sum >= static_cast<int64_t>(plan_.losses.size())) {
          throw std::invalid_argument("expected places among " + std::to_string(plan_.losses.size()) +
                                      " sums for " + name + ".names, got " + std::to_string(sum));
        }
        run.sums.push_back(static_cast<size_t>(sum));
      }
      run.program = Unwrap<std::shared_ptr<Program>>(object.Get("program"), name + ".program");
      if (has_sources_.back() && run.sources.size() != run.program->inputs().size())
        ThrowCount(run.program->inputs().size(), name + ".sources", run.sources.size());
      plan_.programs.push_back(std::move(run));
    }
  }

  std::vector<InputSource> ReadSources(const Napi::Value& value, const std::string& name) {
    const Napi::Array array = ReadArray(value, name);
    std::vector<InputSource> sources;
    for (uint32_t i = 0; i < array.Length(); i++) {
      const std::string element = name + "[" + std::to_string(i) + "]";
      const Napi::Object object = ReadObject(array.Get(i), element);
      if (ReadString(object.Get("kind"), element + ".kind") == "rows") {
        sources.push_back(RowSource{ReadTensor(object.Get("tensor"), element + ".tensor")});
      } else {
        sources.push_back(ReadRagged(object, element));
      }
    }
    return sources;
  }

  RaggedSource ReadRagged(const Napi::Object& object, const std::string& name) {
    using Part = RaggedSource::Part;
    RaggedSource source;
    source.values = ReadTensor(object.Get("values"), name + ".values");
    source.padding = MakePadding(source.values, ReadNumber(object.Get("padValue"), name + ".padValue"));
    source.is_left_padded = ReadBoolean(object.Get("leftPadded"), name + ".leftPadded");
    source.max_length = ReadInteger(object.Get("maxLen"), name + ".maxLen");
    const std::string what = ReadString(object.Get("what"), name + ".what");
    source.part = what == "mask" ? Part::kMask : what == "lengths" ? Part::kLengths : Part::kValues;
    source.offsets = ReadOffsets(object.Get("offsets"), name + ".offsets");
    return source;
  }

  // Those of a field are one array, which several of its sources have.
  std::shared_ptr<const std::vector<int32_t>> ReadOffsets(const Napi::Value& value, const std::string& name) {
    for (const auto& [known, offsets] : offsets_) {
      if (known.StrictEquals(value)) return offsets;
    }
    auto offsets = std::make_shared<const std::vector<int32_t>>(ReadTypedArray<int32_t>(value, name));
    offsets_.emplace_back(value, offsets);
    return offsets;
  }

  void ReadGiven() {
    const Napi::Array given = ReadArray(object_.Get("given"), "plan.given");
    plan_.given.resize(plan_.steps.size());
    for (uint32_t i = 0; i < given.Length() && i < plan_.given.size(); i++) {
      const Napi::Value tensors = given.Get(i);
      if (!tensors.IsNull()) plan_.given[i] = ReadTensors(tensors, "plan.given[" + std::to_string(i) + "]");
    }
  }

  void ReadRates() {
    const Napi::Array rates = ReadArray(object_.Get("rates"), "plan.rates");
    for (uint32_t i = 0; i < rates.Length(); i++) {
      const std::string name = "plan.rates[" + std::to_string(i) + "]";
      plan_.rates.push_back(ReadTypedArray<double>(rates.Get(i), name));
      if (plan_.rates.back().size() < plan_.steps.size())
        ThrowCount(plan_.steps.size(), name, plan_.rates.back().size());
    }
  }

  // None, or { sums, updates }. Returns the sums, or null.
  Napi::Value ReadAccumulation() {
    const Napi::Value value = object_.Get("accumulation");
    if (value.IsNull() || value.IsUndefined()) return object_.Env().Null();
    const Napi::Object accumulation = ReadObject(value, "plan.accumulation");
    plan_.updates = ReadTypedArray<int32_t>(accumulation.Get("updates"), "plan.accumulation.updates");
    if (plan_.updates.size() != plan_.steps.size())
      ThrowCount(plan_.steps.size(), "plan.accumulation.updates", plan_.updates.size());
    return accumulation.Get("sums");
  }

  void ReadDestinations() {
    const Napi::Value value = object_.Get("destinations");
    if (value.IsNull()) return;
    const Napi::Array destinations = ReadArray(value, "plan.destinations");
    for (uint32_t i = 0; i < destinations.Length(); i++)
      plan_.destinations.push_back(
          ReadTensors(destinations.Get(i), "plan.destinations[" + std::to_string(i) + "]"));
  }

  void Check() const {
    const size_t count = plan_.steps.size();
    if (plan_.starts.size() != count + 1) ThrowCount(count + 1, "plan.starts", plan_.starts.size());
    size_t outputs = 0;
    for (size_t i = 0; i < count; i++) {
      CheckStep(i);
      outputs += plan_.programs[plan_.steps[i]].program->outputs().size();
    }
    if (plan_.optimizer && plan_.counts.size() != outputs)
      ThrowCount(outputs, "plan.counts", plan_.counts.size());
    if (!plan_.optimizer && plan_.destinations.size() != plan_.programs.size())
      ThrowCount(plan_.programs.size(), "plan.destinations", plan_.destinations.size());
    for (size_t i = 0; i < plan_.programs.size(); i++) {
      const RunProgram& run = plan_.programs[i];
      const size_t expected = run.program->outputs().size();
      if (plan_.optimizer && run.sums.size() != expected)
        ThrowCount(expected, c10::str("plan.programs[", i, "].names"), run.sums.size());
      if (!plan_.optimizer && plan_.destinations[i].size() != expected)
        ThrowCount(expected, c10::str("plan.destinations[", i, "]"), plan_.destinations[i].size());
    }
  }

  void CheckStep(size_t i) const {
    const int32_t program = plan_.steps[i];
    const int32_t start = plan_.starts[i];
    const int32_t end = plan_.starts[i + 1];
    if (program < 0 || static_cast<size_t>(program) >= plan_.programs.size()) {
      throw std::invalid_argument(c10::str("expected a place among ", plan_.programs.size(),
                                           " programs for plan.steps[", i, "], got ", program));
    }
    const bool is_within = !has_sources_[program] || static_cast<size_t>(end) <= plan_.positions.size();
    if (start < 0 || end < start || !is_within) {
      throw std::invalid_argument(c10::str("expected starts that rise to ", plan_.positions.size(),
                                           " for plan.starts[", i, "], got ", start, " and ", end));
    }
  }

  Napi::Object object_;
  TrainingPlan plan_;
  std::vector<bool> has_sources_;  // by program
  std::vector<std::pair<Napi::Value, std::shared_ptr<const std::vector<int32_t>>>> offsets_;
};

}  // namespace

GivenPlan ReadPlan(const Napi::Value& value) { return PlanReader(value).Read(); }

}  // namespace snorkel_torch
