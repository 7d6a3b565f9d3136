// The bare kernels of a step, for trunks of linear layers: gather, matrix products, losses and the fused
// update, called below autograd on tensors that are made once. A step of LibTorch's kernels costs at least
// that.
//
//   floor FILE [--device cpu]
#include <torch/torch.h>

#include <algorithm>
#include <map>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/subjects/workload.h"

namespace bench {
namespace {

/** A linear layer, its gradients, and Adam's state. */
struct Linear {
  Linear(int64_t inputs, int64_t outputs, at::Device device) {
    torch::nn::Linear made(inputs, outputs);
    for (const at::Tensor& parameter : made->parameters()) {
      parameters.push_back(parameter.detach().to(device));
      gradients.push_back(at::zeros_like(parameters.back()));
    }
    weight_transposed = parameters[0].t();
  }

  void Forward(at::Tensor& out, const at::Tensor& x) const {
    at::addmm_out(out, parameters[1], x, weight_transposed);
  }

  void Backward(const at::Tensor& gradient, const at::Tensor& x) {
    at::mm_out(gradients[0], gradient.t(), x);
    at::sum_out(gradients[1], gradient, 0);
  }

  /** Weight and bias. */
  std::vector<at::Tensor> parameters, gradients;
  at::Tensor weight_transposed;
};

/** What a step on so many examples writes into. */
struct Buffers {
  std::vector<at::Tensor> outputs, output_gradients;
  at::Tensor labels;
  /** By task. */
  std::vector<at::Tensor> label, logits, log_probabilities, loss, loss_weight, loss_gradient, logits_gradient;
};

class Floor {
 public:
  explicit Floor(const Workload& workload)
      : workload_(workload), device_(workload.datasets[0].x.device()), one_(at::ones({}, device_)) {
    torch::manual_seed(0);
    for (const Layer& layer : workload.trunk) {
      if (layer.kind == "linear")
        trunk_.emplace_back(layer.sizes[0], layer.sizes[1], device_);
      else if (layer.kind != "relu")
        throw std::invalid_argument("[bench] expected linear layers and relu");
    }
    for (const int64_t classes : workload.classes) heads_.emplace_back(workload.width, classes, device_);
    for (const auto* layers : {&trunk_, &heads_}) {
      for (const Linear& layer : *layers) {
        for (const at::Tensor& parameter : layer.parameters)
          initial_.emplace_back(parameter, parameter.clone());
      }
    }
  }

  void Restart() {
    for (const auto& [parameter, initial] : initial_) parameter.copy_(initial);
  }

  void Fit() {
    torch::manual_seed(0);
    std::mt19937 random(0);
    MakeUpdates();
    for (int64_t epoch = 0; epoch < workload_.epochs; ++epoch) {
      for (const auto& [examples, indices] : ShuffledBatches(workload_, random)) Step(*examples, indices);
    }
    // Waits for a CUDA device.
    one_.item<float>();
  }

  double Loss() {
    double sum = 0;
    for (const Examples& examples : workload_.datasets) {
      const auto count = std::min<int64_t>(512, examples.labels.size(0));
      const Buffers& buffers = Forward(examples, at::arange(count, device_));
      for (const at::Tensor& loss : buffers.loss) sum += loss.item<double>();
    }
    return sum;
  }

 private:
  /** What the fused update of a dataset's step changes: the trunk and its heads. */
  struct Update {
    std::vector<at::Tensor> parameters, gradients, exp_avgs, exp_avg_sqs, steps;
  };

  void MakeUpdates() {
    std::map<const Linear*, Update> states;
    const auto state_of = [&](const Linear& layer) -> Update& {
      auto [state, is_new] = states.try_emplace(&layer);
      if (is_new) {
        for (const at::Tensor& parameter : layer.parameters) {
          state->second.exp_avgs.push_back(at::zeros_like(parameter));
          state->second.exp_avg_sqs.push_back(at::zeros_like(parameter));
          state->second.steps.push_back(at::zeros({}, device_));
        }
      }
      return state->second;
    };
    updates_.clear();
    for (const Examples& examples : workload_.datasets) {
      Update& update = updates_[&examples];
      const auto append = [](std::vector<at::Tensor>& to, const std::vector<at::Tensor>& from) {
        to.insert(to.end(), from.begin(), from.end());
      };
      const auto add = [&](const Linear& layer) {
        const Update& state = state_of(layer);
        append(update.parameters, layer.parameters);
        append(update.gradients, layer.gradients);
        append(update.exp_avgs, state.exp_avgs);
        append(update.exp_avg_sqs, state.exp_avg_sqs);
        append(update.steps, state.steps);
      };
      for (const Linear& layer : trunk_) add(layer);
      for (const int64_t task : examples.tasks) add(heads_[task]);
    }
  }

  Buffers& BuffersFor(const Examples& examples, int64_t count) {
    auto [found, is_new] = buffers_.try_emplace({&examples, count});
    Buffers& buffers = found->second;
    if (!is_new) return buffers;
    const auto floats = at::TensorOptions(device_);
    const auto add = [&](std::vector<at::Tensor>& to, at::IntArrayRef shape) {
      to.push_back(at::empty(shape, floats));
    };
    add(buffers.outputs, {count, examples.x.size(1)});
    buffers.output_gradients.emplace_back();
    for (const Linear& layer : trunk_) {
      add(buffers.outputs, {count, layer.parameters[1].size(0)});
      add(buffers.output_gradients, {count, layer.parameters[1].size(0)});
    }
    buffers.labels = at::empty({count, examples.labels.size(1)}, floats.dtype(at::kLong));
    buffers.label = buffers.labels.unbind(1);
    for (const int64_t task : examples.tasks) {
      const int64_t classes = workload_.classes[task];
      for (auto* kind :
           {&buffers.logits, &buffers.log_probabilities, &buffers.loss_gradient, &buffers.logits_gradient}) {
        add(*kind, {count, classes});
      }
      add(buffers.loss, {});
      add(buffers.loss_weight, {});
    }
    return buffers;
  }

  Buffers& Forward(const Examples& examples, const at::Tensor& indices) {
    Buffers& buffers = BuffersFor(examples, indices.size(0));
    at::index_select_out(buffers.outputs[0], examples.x, 0, indices);
    at::index_select_out(buffers.labels, examples.labels, 0, indices);
    for (size_t i = 0; i < trunk_.size(); ++i) {
      trunk_[i].Forward(buffers.outputs[i + 1], buffers.outputs[i]);
      buffers.outputs[i + 1].relu_();
    }
    for (size_t i = 0; i < examples.tasks.size(); ++i) {
      heads_[examples.tasks[i]].Forward(buffers.logits[i], buffers.outputs.back());
      at::_log_softmax_out(buffers.log_probabilities[i], buffers.logits[i], 1, false);
      at::nll_loss_forward_out(buffers.loss[i], buffers.loss_weight[i], buffers.log_probabilities[i],
                               buffers.label[i], {}, at::Reduction::Mean, -1);
    }
    return buffers;
  }

  void Step(const Examples& examples, const at::Tensor& indices) {
    Buffers& buffers = Forward(examples, indices);
    at::Tensor& hidden_gradient = buffers.output_gradients.back();
    for (size_t i = 0; i < examples.tasks.size(); ++i) {
      Linear& head = heads_[examples.tasks[i]];
      at::nll_loss_backward_out(buffers.loss_gradient[i], one_, buffers.log_probabilities[i],
                                buffers.label[i], {}, at::Reduction::Mean, -1, buffers.loss_weight[i]);
      at::_log_softmax_backward_data_out(buffers.logits_gradient[i], buffers.loss_gradient[i],
                                         buffers.log_probabilities[i], 1, at::kFloat);
      head.Backward(buffers.logits_gradient[i], buffers.outputs.back());
      if (i == 0)
        at::mm_out(hidden_gradient, buffers.logits_gradient[i], head.parameters[0]);
      else
        hidden_gradient.addmm_(buffers.logits_gradient[i], head.parameters[0]);
    }
    for (size_t i = trunk_.size(); i-- > 0;) {
      at::Tensor& gradient = buffers.output_gradients[i + 1];
      at::threshold_backward_out(gradient, gradient, buffers.outputs[i + 1], 0);
      trunk_[i].Backward(gradient, buffers.outputs[i]);
      if (i > 0) at::mm_out(buffers.output_gradients[i], gradient, trunk_[i].parameters[0]);
    }
    Apply(updates_.at(&examples));
  }

  void Apply(Update& update) const {
    const at::Tensor norm = at::stack(at::_foreach_norm(update.gradients)).norm();
    // The kernel divides by it: a norm below the bound leaves the gradients as they are.
    const at::Tensor scale = norm.add_(1e-6).div_(workload_.grad_clip).clamp_min_(1);
    at::_foreach_add_(update.steps, 1);
    at::_fused_adam_(update.parameters, update.gradients, update.exp_avgs, update.exp_avg_sqs, {},
                     update.steps, workload_.lr, 0.9, 0.999, 0, 1e-8, false, false, scale);
  }

  const Workload& workload_;
  at::Device device_;
  at::Tensor one_;
  std::vector<Linear> trunk_, heads_;
  std::vector<std::pair<at::Tensor, at::Tensor>> initial_;
  std::map<const Examples*, Update> updates_;
  std::map<std::pair<const Examples*, int64_t>, Buffers> buffers_;
};

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  const bench::Workload workload = bench::ReadWorkload(count, arguments);
  const c10::InferenceMode inference;
  bench::Floor floor(workload);
  bench::Serve(workload, [&] { floor.Restart(); }, [&] { floor.Fit(); }, [&] { return floor.Loss(); });
}
