// A loop of LibTorch's C++ API as its documentation writes it: torch::nn, torch::optim::Adam,
// clip_grad_norm_.
//
//   libtorch FILE [--device cpu]
#include <torch/torch.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/subjects/workload.h"

namespace bench {
namespace {

namespace nn = torch::nn;

/** The mean over the steps of an LSTM. */
struct LSTMMeanImpl : nn::Module {
  LSTMMeanImpl(int64_t inputs, int64_t hidden)
      : lstm(register_module("lstm", nn::LSTM(nn::LSTMOptions(inputs, hidden).batch_first(true)))) {}

  at::Tensor forward(const at::Tensor& x) { return std::get<0>(lstm->forward(x)).mean(1); }

  nn::LSTM lstm;
};
TORCH_MODULE(LSTMMean);

void AddLayer(nn::Sequential& trunk, const Layer& layer) {
  const auto& [kind, sizes] = layer;
  if (kind == "linear") {
    trunk->push_back(nn::Linear(sizes[0], sizes[1]));
  } else if (kind == "relu") {
    trunk->push_back(nn::ReLU());
  } else if (kind == "conv2d") {
    trunk->push_back(nn::Conv2d(nn::Conv2dOptions(sizes[0], sizes[1], sizes[2]).padding(sizes[3])));
  } else if (kind == "max_pool2d") {
    trunk->push_back(nn::MaxPool2d(sizes[0]));
  } else if (kind == "flatten") {
    trunk->push_back(nn::Flatten());
  } else if (kind == "embedding") {
    trunk->push_back(nn::Embedding(sizes[0], sizes[1]));
  } else if (kind == "embedding_bag") {
    trunk->push_back(
        nn::EmbeddingBag(nn::EmbeddingBagOptions(sizes[0], sizes[1]).mode(torch::kMean).padding_idx(0)));
  } else if (kind == "lstm_mean") {
    trunk->push_back(LSTMMean(sizes[0], sizes[1]));
  } else {
    throw std::invalid_argument("[bench] unknown layer " + kind);
  }
}

struct Model : nn::Module {
  explicit Model(const Workload& workload) {
    for (const Layer& layer : workload.trunk) AddLayer(trunk, layer);
    register_module("trunk", trunk);
    for (const int64_t classes : workload.classes) heads->push_back(nn::Linear(workload.width, classes));
    register_module("heads", heads);
  }

  at::Tensor Loss(const Examples& examples, const at::Tensor& indices) {
    const at::Device device = examples.x.device();
    const at::Tensor on_device = indices.to(device);
    at::Tensor x = examples.x;
    if (examples.lengths.defined()) {
      const auto longest = examples.lengths.index_select(0, indices).max().item<int64_t>();
      x = x.narrow(1, 0, std::min((longest + 15) / 16 * 16, x.size(1)));
    }
    const at::Tensor hidden = trunk->forward(x.index_select(0, on_device));
    const auto labels = examples.labels.index_select(0, on_device).unbind(1);
    const auto options = nn::functional::CrossEntropyFuncOptions().ignore_index(-1);
    std::vector<at::Tensor> losses;
    for (size_t i = 0; i < labels.size(); ++i) {
      const at::Tensor logits = heads->ptr<nn::LinearImpl>(examples.tasks[i])->forward(hidden);
      losses.push_back(nn::functional::cross_entropy(logits, labels[i], options));
    }
    return at::stack(losses).sum();
  }

  nn::Sequential trunk;
  nn::ModuleList heads;
};

void Run(const Workload& workload) {
  torch::manual_seed(0);
  Model model(workload);
  model.to(workload.datasets[0].x.device());
  const auto parameters = model.parameters();
  std::vector<at::Tensor> initial;
  for (const at::Tensor& parameter : parameters) initial.push_back(parameter.detach().clone());

  const auto restart = [&] {
    torch::NoGradGuard no_grad;
    for (size_t i = 0; i < parameters.size(); ++i) parameters[i].copy_(initial[i]);
  };
  const auto fit = [&] {
    torch::manual_seed(0);
    std::mt19937 random(0);
    torch::optim::Adam optimizer(parameters, torch::optim::AdamOptions(workload.lr));
    for (int64_t epoch = 0; epoch < workload.epochs; ++epoch) {
      for (const auto& [examples, indices] : ShuffledBatches(workload, random)) {
        optimizer.zero_grad();
        model.Loss(*examples, indices).backward();
        nn::utils::clip_grad_norm_(parameters, workload.grad_clip);
        optimizer.step();
      }
    }
    // Waits for a CUDA device.
    parameters[0].sum().item<float>();
  };
  const auto loss = [&] {
    torch::NoGradGuard no_grad;
    double sum = 0;
    for (const Examples& examples : workload.datasets) {
      sum += model.Loss(examples, at::arange(std::min<int64_t>(512, examples.labels.size(0)))).item<double>();
    }
    return sum;
  };
  Serve(workload, restart, fit, loss);
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) { bench::Run(bench::ReadWorkload(count, arguments)); }
