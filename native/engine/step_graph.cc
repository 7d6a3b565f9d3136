#include "native/engine/step_graph.h"

#include <c10/util/Exception.h>

#include <exception>
#include <stdexcept>
#include <string>

namespace snorkel_torch {
namespace {

struct Capture {
  const std::function<void()>& body;
  std::string error;
};

bool RunBody(void* context) noexcept {
  Capture& capture = *static_cast<Capture*>(context);
  try {
    capture.body();
    return true;
  } catch (const c10::Error& error) {
    capture.error = error.what_without_backtrace();
  } catch (const std::exception& error) {
    capture.error = error.what();
  } catch (...) {
    capture.error = "unknown native exception";
  }
  return false;
}

}  // namespace

StepGraph::StepGraph(const CudaGraphApi& api, c10::Device device,
                     const std::vector<at::Generator>& generators, const std::function<void()>& body)
    : api_(api) {
  std::vector<const void*> given;
  for (const at::Generator& generator : generators) {
    if (generator.device() == device) given.push_back(&generator);
  }
  Capture capture{body, ""};
  CudaError error{};
  graph_ = api.capture(device.index(), given.data(), given.size(), RunBody, &capture, &error);
  if (graph_ == nullptr) throw std::runtime_error(capture.error.empty() ? error.text : capture.error);
}

void StepGraph::Replay() const {
  CudaError error{};
  if (!api_.replay(graph_, &error)) throw std::runtime_error(error.text);
}

}  // namespace snorkel_torch
