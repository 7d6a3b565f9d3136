// A thread that does one job after another.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "native/engine/resident_state.h"
#include "native/engine/training_run.h"

namespace snorkel_torch {

class TrainingThread {
 public:
  explicit TrainingThread(const ResidentOptions& options);
  ~TrainingThread() { Stop(); }
  TrainingThread(const TrainingThread&) = delete;
  TrainingThread& operator=(const TrainingThread&) = delete;

  /// Has the thread do a job, at the latest when the one before is done. It must not throw. Its kernels use
  /// as many threads as those of the caller.
  /// @throws std::logic_error after Stop.
  void Start(std::function<void()> job);

  RunControl& control() { return control_; }

  /// For the thread's own jobs.
  ResidentState& resident_state() { return resident_state_; }

  /// Aborts the job, waits for its end and ends the thread.
  void Stop();

 private:
  void Loop();

  RunControl control_;
  ResidentState resident_state_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> job_;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace snorkel_torch
