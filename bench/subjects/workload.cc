#include "bench/subjects/workload.h"

#include <ATen/DynamicLibrary.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <stdexcept>

namespace bench {
namespace {

using Dict = c10::Dict<c10::IValue, c10::IValue>;

Dict ReadDict(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  return torch::pickle_load(bytes).toGenericDict();
}

std::vector<Layer> ReadTrunk(const c10::IValue& given) {
  std::vector<Layer> trunk;
  for (const c10::IValue& value : given.toListRef()) {
    const auto parts = value.toListRef();
    Layer layer{parts[0].toStringRef(), {}};
    for (const c10::IValue& size : parts.slice(1)) layer.sizes.push_back(size.toInt());
    trunk.push_back(std::move(layer));
  }
  return trunk;
}

void ReadRows(const Dict& given, Examples& examples, at::Device device) {
  if (given.contains("x")) {
    examples.x = given.at("x").toTensor().to(device);
    return;
  }
  examples.lengths = given.at("offsets").toTensor().diff().to(at::kLong);
  const auto sizes = std::vector<int64_t>(examples.lengths.data_ptr<int64_t>(),
                                          examples.lengths.data_ptr<int64_t>() + examples.lengths.numel());
  const auto rows = given.at("values").toTensor().split_with_sizes(sizes);
  examples.x = at::pad_sequence(rows, /*batch_first=*/true).to(device);
}

}  // namespace

Workload ReadWorkload(int count, char** arguments) {
  const std::vector<std::string> given(arguments + 1, arguments + count);
  if (given.empty()) throw std::invalid_argument("[bench] expected FILE [--device cpu]");
  const at::Device device(given.size() == 3 && given[1] == "--device" ? given[2] : "cpu");
  // Built against a CPU LibTorch, and run with the one that is in the path of libraries.
  if (device.is_cuda()) at::DynamicLibrary("libtorch_cuda.so", nullptr, /*leak_handle=*/true);
  const Dict dict = ReadDict(given[0]);
  at::set_num_threads(static_cast<int>(dict.at("threads").toInt()));

  Workload workload;
  workload.batch_size = dict.at("batchSize").toInt();
  workload.epochs = dict.at("epochs").toInt();
  workload.lr = dict.at("lr").toDouble();
  // 1 in JavaScript is an integer in the file.
  workload.grad_clip = dict.at("gradClip").toScalar().toDouble();
  workload.trunk = ReadTrunk(dict.at("trunk"));
  workload.width = dict.at("width").toInt();
  std::map<std::string, int64_t> positions;
  for (const auto& task : dict.at("tasks").toGenericDict()) {
    positions[task.key().toStringRef()] = static_cast<int64_t>(positions.size());
    workload.classes.push_back(task.value().toInt());
  }
  workload.steps = 0;
  const Dict data = dict.at("data").toGenericDict();
  for (const c10::IValue& value : dict.at("datasets").toListRef()) {
    const Dict dataset = value.toGenericDict();
    const Dict rows = data.at(dataset.at("name")).toGenericDict();
    Examples examples;
    ReadRows(rows, examples, device);
    std::vector<at::Tensor> labels;
    for (const c10::IValue& task : dataset.at("tasks").toListRef()) {
      examples.tasks.push_back(positions.at(task.toStringRef()));
      labels.push_back(rows.at("labels").toGenericDict().at(task).toTensor());
    }
    examples.labels = at::stack(labels, 1).to(device);
    const int64_t total = examples.labels.size(0);
    workload.steps += workload.epochs * ((total + workload.batch_size - 1) / workload.batch_size);
    workload.datasets.push_back(std::move(examples));
  }
  return workload;
}

std::vector<Batch> ShuffledBatches(const Workload& workload, std::mt19937& random) {
  std::vector<Batch> batches;
  for (const Examples& examples : workload.datasets) {
    const at::Tensor permutation = at::randperm(examples.labels.size(0), at::kLong);
    // On the CPU where lengths are looked up.
    const at::Device device = examples.lengths.defined() ? at::kCPU : examples.x.device();
    for (const at::Tensor& indices : permutation.to(device).split(workload.batch_size)) {
      batches.emplace_back(&examples, indices);
    }
  }
  std::shuffle(batches.begin(), batches.end(), random);
  return batches;
}

void Serve(const Workload& workload, const std::function<void()>& restart, const std::function<void()>& fit,
           const std::function<double()>& loss) {
  for (std::string line; std::getline(std::cin, line);) {
    restart();
    const double initial_loss = loss();
    const auto start = std::chrono::steady_clock::now();
    fit();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::cout << std::setprecision(9) << "{\"seconds\": " << taken.count()
              << ", \"steps\": " << workload.steps << ", \"initialLoss\": " << initial_loss
              << ", \"finalLoss\": " << loss() << "}" << std::endl;
  }
}

}  // namespace bench
