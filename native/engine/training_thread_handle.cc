#include "native/engine/training_thread_handle.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "native/boundary/convert.h"
#include "native/boundary/environment.h"
#include "native/boundary/guard.h"
#include "native/boundary/handle.h"
#include "native/engine/read_plan.h"
#include "native/engine/thread_pool.h"
#include "native/engine/training_thread.h"

namespace snorkel_torch {
namespace {

struct Run;

// A thread that ends before its environment does.
struct OwnedThread {
  OwnedThread(napi_env of, const ResidentOptions& options) : env(of), thread(options) {
    detail::Check(env, napi_add_env_cleanup_hook(env, StopThread, this));
  }
  ~OwnedThread() { napi_remove_env_cleanup_hook(env, StopThread, this); }
  OwnedThread(const OwnedThread&) = delete;
  OwnedThread& operator=(const OwnedThread&) = delete;

  static void StopThread(void* self) { static_cast<OwnedThread*>(self)->thread.Stop(); }

  napi_env env;
  TrainingThread thread;
  Run* run = nullptr;  // what it does
};

// Its runs share it: a handle that is disposed or collected does not take it from them.
using SharedThread = std::shared_ptr<OwnedThread>;

}  // namespace

template <>
struct HandleType<SharedThread> {
  static constexpr napi_type_tag tag = {0x6c2f9d18e4b74a35ULL, 0xb0d85e37a19c4f26ULL};
  static constexpr const char* name = "TrainingThread";
};

namespace {

// A plan that is carried out. It belongs to its threadsafe function, which frees it on the thread of
// JavaScript when the training thread has let go of it, or has ended with its environment.
struct Run {
  SharedThread owner;
  TrainingPlan plan;
  TrainingResult result;
  std::vector<InUse::Key> keys;
  std::vector<Napi::ObjectReference> held;  // what the plan does not hold by itself
  Napi::Promise::Deferred deferred;
};

Napi::Value MakeIndex(Napi::Env env, const std::optional<size_t>& index) {
  return index ? MakeInteger(env, static_cast<int64_t>(*index)) : env.Null();
}

Napi::Float64Array MakeDoubles(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Object MakeResult(Napi::Env env, const TrainingResult& result) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("done", MakeInteger(env, result.steps_done));
  object.Set("losses", MakeDoubles(env, result.losses));
  object.Set("points", MakeDoubles(env, result.points));
  object.Set("badLoss", env.Null());
  if (result.bad_loss) {
    Napi::Object bad = Napi::Object::New(env);
    bad.Set("output", MakeInteger(env, static_cast<int64_t>(result.bad_loss->output)));
    bad.Set("value", result.bad_loss->value);
    object.Set("badLoss", bad);
  }
  object.Set("badGradient", MakeIndex(env, result.bad_gradient));
  object.Set("error", result.error ? Napi::String::New(env, *result.error) : env.Null());
  object.Set("warning", result.warning ? Napi::String::New(env, *result.warning) : env.Null());
  object.Set("aborted", result.is_aborted);
  return object;
}

// Frees what an ended run used. It can be called twice.
void LetGo(Napi::Env env, Run& run) {
  run.owner->run = nullptr;
  Environment::Of(env).in_use.Remove(run.keys);
  run.keys.clear();
  run.plan = {};
}

void Settle(napi_env env, napi_value, void* context, void*) {
  if (!env) return;  // it is ending: nobody waits any more
  Run& run = *static_cast<Run*>(context);
  try {
    LetGo(env, run);
    run.deferred.Resolve(MakeResult(env, run.result));
  } catch (const Napi::Error&) {
    // It can run no more JavaScript: it is ending, too.
  }
}

void Free(napi_env, void* run, void*) { delete static_cast<Run*>(run); }

// What must stay as it is while the plan is carried out.
std::vector<InUse::Key> KeysOf(const TrainingPlan& plan) {
  std::vector<InUse::Key> keys;
  const auto add = [&](const at::Tensor& tensor) {
    keys.push_back(tensor.unsafeGetTensorImpl());
    if (tensor.has_storage()) keys.push_back(tensor.storage().unsafeGetStorageImpl());
  };
  const auto add_all = [&](const std::vector<at::Tensor>& tensors) {
    std::for_each(tensors.begin(), tensors.end(), add);
  };
  for (const RunProgram& run : plan.programs) {
    add_all(run.program->tensors());
    keys.push_back(run.program->arena().get());
    for (const InputSource& source : run.sources) {
      if (const auto* rows = std::get_if<RowSource>(&source)) add(rows->tensor);
      if (const auto* ragged = std::get_if<RaggedSource>(&source)) add(ragged->values);
    }
  }
  for (const auto& tensors : plan.given) add_all(tensors);
  for (const auto& tensors : plan.destinations) add_all(tensors);
  if (!plan.optimizer) return keys;
  keys.push_back(plan.optimizer);
  if (plan.sums) keys.push_back(plan.sums);
  add_all(plan.optimizer->parameters());
  for (const Optimizer::State& state : plan.optimizer->States()) {
    for (const auto& [name, tensor] : state) keys.push_back(tensor.storage().unsafeGetStorageImpl());
  }
  return keys;
}

// Two threads cannot run programs in one arena, nor train the same parameters.
void CheckFree(const InUse& in_use, const TrainingPlan& plan) {
  const auto check = [&](InUse::Key key, const char* what) {
    if (!in_use.Holds(key)) return;
    throw std::invalid_argument(std::string("expected ") + what +
                                " that no other thread uses. Wait for its end");
  };
  for (const RunProgram& run : plan.programs) check(run.program->arena().get(), "programs");
  if (!plan.optimizer) return;
  check(plan.optimizer, "an optimizer");
  if (plan.sums) check(plan.sums, "sums of gradients");
  for (const at::Tensor& parameter : plan.optimizer->parameters())
    check(parameter.unsafeGetTensorImpl(), "parameters");
}

ResidentOptions ReadResidentOptions(const Napi::Value& value) {
  if (!value.IsObject()) ThrowExpected("an object", "options", value);
  const Napi::Object object = value.As<Napi::Object>();
  ResidentOptions options;
  const Napi::Value data_bytes = object.Get("dataBytes");
  if (!data_bytes.IsNull()) {
    const int64_t bytes = ReadInteger(data_bytes, "options.dataBytes");
    if (bytes < 0) ThrowExpected("null or an integer that is not negative", "options.dataBytes", data_bytes);
    options.data_bytes = static_cast<size_t>(bytes);
  }
  options.has_graphs = ReadBoolean(object.Get("graphs"), "options.graphs");
  options.is_forced = ReadBoolean(object.Get("asOnDevice"), "options.asOnDevice");
  options.forbids_waiting = ReadBoolean(object.Get("forbidWaiting"), "options.forbidWaiting");
  return options;
}

// makeTrainingThread({ dataBytes | null, graphs, asOnDevice, forbidWaiting })
Napi::Value MakeTrainingThread(const Napi::CallbackInfo& info) {
  auto thread = std::make_shared<OwnedThread>(info.Env(), ReadResidentOptions(info[0]));
  return WrapNew(info.Env(), std::make_unique<SharedThread>(std::move(thread)));
}

SharedThread ReadThread(const Napi::CallbackInfo& info) { return Unwrap<SharedThread>(info[0], "thread"); }

// trainingThreadRun(thread, plan): a promise of { done, losses, points, badLoss, badGradient, error, warning,
// aborted }.
Napi::Value TrainingThreadRun(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  GivenPlan given = ReadPlan(info[1]);
  const SharedThread owner = ReadThread(info);
  if (owner->run) throw std::logic_error("expected one run at a time, got a second one");
  InUse& in_use = Environment::Of(env).in_use;
  CheckFree(in_use, given.plan);

  const Napi::Promise::Deferred deferred = Napi::Promise::Deferred::New(env);
  auto run = std::make_unique<Run>(owner, std::move(given.plan), TrainingResult{}, std::vector<InUse::Key>(),
                                   std::vector<Napi::ObjectReference>(), deferred);
  run->keys = KeysOf(run->plan);
  for (const Napi::Value& value : {info[0], given.optimizer, given.sums}) {
    if (value.IsObject()) run->held.push_back(Napi::Persistent(value.As<Napi::Object>()));
  }
  napi_threadsafe_function finished;
  detail::Check(env, napi_create_threadsafe_function(env, nullptr, nullptr,
                                                     Napi::String::New(env, "TrainingThread.run"),
                                                     /*max_queue_size=*/0, /*initial_thread_count=*/1,
                                                     run.get(), Free, run.get(), Settle, &finished));
  in_use.Add(run->keys);
  owner->run = run.get();
  ReleaseThreadPool();
  owner->thread.Start([run = run.release(), finished] {
    TrainingThread& thread = run->owner->thread;
    run->result = RunPlan(run->plan, thread.control(), thread.resident_state());
    const napi_status status = napi_call_threadsafe_function(finished, nullptr, napi_tsfn_nonblocking);
    if (status != napi_closing) napi_release_threadsafe_function(finished, napi_tsfn_release);
  });
  return deferred.Promise();
}

Napi::Value TrainingThreadProgress(const Napi::CallbackInfo& info) {
  return MakeInteger(info.Env(), ReadThread(info)->thread.control().steps_done);
}

Napi::Value TrainingThreadAbort(const Napi::CallbackInfo& info) {
  ReadThread(info)->thread.control().is_aborted = true;
  return info.Env().Undefined();
}

// trainingThreadDispose(thread): aborts what it does and waits for that. Its promise is settled a little
// later.
Napi::Value TrainingThreadDispose(const Napi::CallbackInfo& info) {
  if (SharedThread* owner = Find<SharedThread>(info[0])) {
    (*owner)->thread.Stop();
    if ((*owner)->run) LetGo(info.Env(), *(*owner)->run);
  }
  Dispose<SharedThread>(info[0]);
  return info.Env().Undefined();
}

constexpr Entry kEntries[] = {
    {"makeTrainingThread", MakeTrainingThread, "TrainingThread"},
    {"trainingThreadRun", TrainingThreadRun, "TrainingThread.run"},
    {"trainingThreadProgress", TrainingThreadProgress, "TrainingThread.progress"},
    {"trainingThreadAbort", TrainingThreadAbort, "TrainingThread.abort"},
    {"trainingThreadDispose", TrainingThreadDispose, "TrainingThread.dispose"},
};

}  // namespace

void InitTrainingThread(Napi::Object exports) { Export(exports, kEntries); }

}  // namespace snorkel_torch
