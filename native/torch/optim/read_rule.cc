#include "native/torch/optim/read_rule.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "native/boundary/convert.h"
#include "native/torch/optim/adagrad_rule.h"
#include "native/torch/optim/adam_rule.h"
#include "native/torch/optim/adamax_rule.h"
#include "native/torch/optim/nadam_rule.h"
#include "native/torch/optim/radam_rule.h"
#include "native/torch/optim/rmsprop_rule.h"
#include "native/torch/optim/sgd_rule.h"

namespace snorkel_torch {
namespace {

class Options {
 public:
  explicit Options(const Napi::Object& object) : object_(object) {}

  double Number(const char* name) const { return ReadNumber(object_.Get(name), name); }
  bool Flag(const char* name) const { return ReadBoolean(object_.Get(name), name); }
  std::array<double, 2> Betas() const {
    const Napi::Value value = object_.Get("betas");
    const std::vector<double> betas = ReadNumbers(value, "betas");
    if (betas.size() != 2) ThrowExpected("two numbers", "betas", value);
    return {betas[0], betas[1]};
  }

 private:
  Napi::Object object_;
};

using Make = std::unique_ptr<Rule> (*)(const Options&);

std::unique_ptr<Rule> ReadAdam(const Options& options, bool decoupled_weight_decay) {
  const auto [beta1, beta2] = options.Betas();
  return MakeAdam({beta1, beta2, options.Number("eps"), options.Number("weightDecay"),
                   options.Flag("amsgrad"), options.Flag("maximize"), decoupled_weight_decay});
}

constexpr std::array<std::pair<const char*, Make>, 8> kKinds{{
    {"sgd",
     [](const Options& options) {
       return MakeSgd({options.Number("momentum"), options.Number("dampening"), options.Number("weightDecay"),
                       options.Flag("nesterov"), options.Flag("maximize")});
     }},
    {"adam", [](const Options& options) { return ReadAdam(options, false); }},
    {"adamw", [](const Options& options) { return ReadAdam(options, true); }},
    {"adamax",
     [](const Options& options) {
       const auto [beta1, beta2] = options.Betas();
       return MakeAdamax(
           {beta1, beta2, options.Number("eps"), options.Number("weightDecay"), options.Flag("maximize")});
     }},
    {"rmsprop",
     [](const Options& options) {
       return MakeRmsprop({options.Number("alpha"), options.Number("eps"), options.Number("weightDecay"),
                           options.Number("momentum"), options.Flag("centered"), options.Flag("maximize")});
     }},
    {"adagrad",
     [](const Options& options) {
       return MakeAdagrad({options.Number("lrDecay"), options.Number("weightDecay"),
                           options.Number("initialAccumulatorValue"), options.Number("eps"),
                           options.Flag("maximize")});
     }},
    {"nadam",
     [](const Options& options) {
       const auto [beta1, beta2] = options.Betas();
       return MakeNadam({beta1, beta2, options.Number("eps"), options.Number("weightDecay"),
                         options.Number("momentumDecay"), options.Flag("decoupledWeightDecay"),
                         options.Flag("maximize")});
     }},
    {"radam",
     [](const Options& options) {
       const auto [beta1, beta2] = options.Betas();
       return MakeRadam({beta1, beta2, options.Number("eps"), options.Number("weightDecay"),
                         options.Flag("decoupledWeightDecay"), options.Flag("maximize")});
     }},
}};

}  // namespace

std::unique_ptr<Rule> ReadRule(const Napi::Value& kind, const Napi::Value& options) {
  const std::string name = ReadString(kind, "kind");
  if (!options.IsObject()) ThrowExpected("an object", "options", options);
  for (const auto& [known, make] : kKinds) {
    if (name == known) return make(Options(options.As<Napi::Object>()));
  }
  ThrowExpected("a kind of optimizer", "kind", kind);
}

}  // namespace snorkel_torch
