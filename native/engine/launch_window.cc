#include "native/engine/launch_window.h"

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <utility>

namespace snorkel_torch {
namespace {

constexpr int64_t kStepsPerMark = 16;
constexpr size_t kMarks = 3;

}  // namespace

void LaunchWindow::Launched() {
  if (++launched_ % kStepsPerMark != 0) return;
  PutMark();
  if (marks_.size() > kMarks) PassMark();
}

void LaunchWindow::PutMark() {
  Mark mark{launched_, {}, std::nullopt};
  if (is_bad_.defined()) {
    mark.is_bad = at::empty({}, at::TensorOptions(at::kFloat).pinned_memory(!device_.is_cpu()));
    mark.is_bad.copy_(is_bad_, /*non_blocking=*/true);
  }
  if (!device_.is_cpu()) {
    mark.event.emplace(device_.type());
    mark.event->record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
  }
  marks_.push_back(std::move(mark));
}

void LaunchWindow::PassMark() {
  const Mark& mark = marks_.front();
  if (mark.event) mark.event->synchronize();
  done_ = mark.steps;
  has_seen_bad_ = has_seen_bad_ || (mark.is_bad.defined() && *mark.is_bad.const_data_ptr<float>() != 0);
  marks_.pop_front();
}

}  // namespace snorkel_torch
