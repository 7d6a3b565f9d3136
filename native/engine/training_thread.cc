#include "native/engine/training_thread.h"

#include <ATen/Parallel.h>
#include <c10/util/thread_name.h>

#include <stdexcept>
#include <utility>

namespace snorkel_torch {

TrainingThread::TrainingThread(const ResidentOptions& options)
    : resident_state_(options), thread_([this] { Loop(); }) {}

void TrainingThread::Start(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_) throw std::logic_error("expected a live TrainingThread, got one that was disposed");
  // The number of threads is one's own affair of each thread.
  job_ = [job = std::move(job), threads = at::get_num_threads()] {
    if (at::get_num_threads() != threads) at::set_num_threads(threads);
    job();
  };
  control_.steps_done = 0;
  control_.is_aborted = false;
  changed_.notify_one();
}

void TrainingThread::Stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    control_.is_aborted = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void TrainingThread::Loop() {
  c10::setThreadName("snorkel-train");
  at::init_num_threads();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return job_ || is_stopped_; });
    if (!job_) return;
    const std::function<void()> job = std::exchange(job_, nullptr);
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace snorkel_torch
