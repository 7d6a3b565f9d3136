#pragma once

#include <torch/torch.h>

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/** A layer of a trunk: its kind and its sizes. */
struct Layer {
  std::string kind;
  std::vector<int64_t> sizes;
};

/** The examples of a dataset. Rows of different lengths are padded to the longest. */
struct Examples {
  at::Tensor x;
  /** How long each row is, on the CPU; undefined where all are as long. */
  at::Tensor lengths;
  /** [examples, tasks]; -1 where there is none. */
  at::Tensor labels;
  /** The tasks of the columns, by their positions in the workload. */
  std::vector<int64_t> tasks;
};

/** What is trained; workload.ts says what the parts are. */
struct Workload {
  int64_t batch_size;
  int64_t epochs;
  int64_t steps;
  double lr;
  double grad_clip;
  std::vector<Layer> trunk;
  int64_t width;
  /** By task, how many classes. */
  std::vector<int64_t> classes;
  std::vector<Examples> datasets;
};

/** Reads the file that the arguments name, and takes the threads and the device that they ask for. */
Workload ReadWorkload(int count, char** arguments);

/** A dataset, and the positions of the examples of one batch. */
using Batch = std::pair<const Examples*, at::Tensor>;

/** The batches of an epoch, of all datasets in random order. */
std::vector<Batch> ShuffledBatches(const Workload& workload, std::mt19937& random);

/** Answers every line of the standard input with a round: what `fit` takes, and the losses before and after.
 */
void Serve(const Workload& workload, const std::function<void()>& restart, const std::function<void()>& fit,
           const std::function<double()>& loss);

}  // namespace bench
