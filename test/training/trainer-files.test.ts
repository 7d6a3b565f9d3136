import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadSafetensors, saveSafetensors, tensor } from "../../lib/torch/index.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { pointsLoader, twoTaskModel } from "../model/models.ts";
import { folder } from "./resume-runs.ts";

const tasks = ["first", "second"];
const quiet: TrainerOptions = { progressBar: false, lr: 0.05, nEpochs: 2 };

async function saved(options: TrainerOptions = {}) {
  const path = join(folder(), "runs", "state.safetensors");
  const model = twoTaskModel();
  const trainer = new Trainer({ ...quiet, ...options });
  await trainer.fit(model, [pointsLoader(tasks)]);
  await trainer.save(path);
  return { path, model, trainer };
}

const weights = (model: ReturnType<typeof twoTaskModel>) =>
  Object.values(model.stateDict()).map((value) => value.tolist());

test("parity 42: a trainer is saved and loaded: the configuration, the weights, the optimizer", async () => {
  const { path, model, trainer } = await saved({ optimizer: "adamax" });
  const other = twoTaskModel();
  const loaded = new Trainer();
  await loaded.load(path, other);
  assert.deepEqual(loaded.config, trainer.config);
  assert.deepEqual(weights(other), weights(model));
  const again = join(folder(), "again.safetensors");
  await loaded.save(again);
  const [tensors, others] = [await loadSafetensors(path), await loadSafetensors(again)];
  assert.ok("optimizer/0/exp_inf" in tensors);
  assert.deepEqual(Object.keys(others), Object.keys(tensors));
  for (const [name, value] of Object.entries(tensors))
    assert.deepEqual(others[name]?.tolist(), value.tolist());
});

test("parity 42: without a model the configuration alone is loaded", async () => {
  const { path } = await saved();
  const loaded = new Trainer();
  await loaded.load(path);
  assert.equal(loaded.config.lr, 0.05);
  const history = await loaded.fit(twoTaskModel(), [pointsLoader(tasks)]);
  assert.equal(history.batches, 6);
});

test("parity 42: a file that is missing, or another one, is refused, and nothing has changed", async () => {
  const trainer = new Trainer(quiet);
  const model = twoTaskModel();
  const before = weights(model);
  await assert.rejects(trainer.load(join(folder(), "none.safetensors"), model), /none\.safetensors/);
  const path = join(folder(), "weights.safetensors");
  await saveSafetensors(path, { a: tensor([1]) });
  await assert.rejects(trainer.load(path, model), /\[Trainer.load\] expected a file of Trainer.save/);
  writeFileSync(path, readFileSync((await saved()).path).subarray(0, 100));
  await assert.rejects(trainer.load(path, model), TypeError);
  await assert.rejects(trainer.save(join(folder(), "state.pkl")), /ends in .safetensors/);
  assert.equal(trainer.config.lr, 0.05);
  assert.deepEqual(weights(model), before);
});

test("a file is written whole or not at all, into a folder that is made", async () => {
  const { path, trainer } = await saved();
  const before = readFileSync(path);
  await assert.rejects(trainer.save(join(path, "below.safetensors")));
  assert.deepEqual(readFileSync(path), before);
  assert.equal(existsSync(join(path, "below.safetensors")), false);
});

test("parity 42: another model is refused by load, other loaders and settings by fit", async () => {
  const { path } = await saved();
  const { MultitaskClassifier } = await import("../../lib/model/index.ts");
  const { linearTask } = await import("../model/models.ts");
  const smaller = new MultitaskClassifier([linearTask("first")], { device: "cpu" });
  const untouched = Object.values(smaller.stateDict()).map((value) => value.tolist());
  await assert.rejects(new Trainer().load(path, smaller), /second_head/);
  assert.deepEqual(
    Object.values(smaller.stateDict()).map((value) => value.tolist()),
    untouched,
  );

  const model = twoTaskModel();
  const trainer = new Trainer();
  await trainer.load(path, model);
  const before = weights(model);
  const fit = (loader = pointsLoader(tasks), of = model) => trainer.fit(of, [loader]);
  await assert.rejects(fit(pointsLoader(tasks, { batchSize: 3 })), /the loaders .*"batches":3/);
  await assert.rejects(fit(pointsLoader(tasks, { name: "others" })), /the loaders .*"points"/);
  await assert.rejects(fit(undefined, twoTaskModel()), /the model that load was given/);
  trainer.config.optimizer = "sgd";
  await assert.rejects(fit(), /the setting of the training that was saved for optimizer.*"adam"/);
  trainer.config.optimizer = "adam";
  model.modulePool.get("trunk")?.requiresGrad_(false);
  await assert.rejects(fit(), /the parameters of the training that was saved/);
  model.modulePool.get("trunk")?.requiresGrad_(true);
  assert.deepEqual(weights(model), before);
  assert.equal((await fit()).batches, 6);
});

test("a saved place past the end of an epoch is refused before anything has changed", async () => {
  const { path } = await saved();
  const text = readFileSync(path, "latin1");
  const moved = text.replace('position\\":0', 'position\\":4');
  assert.ok(moved !== text);
  writeFileSync(path, moved, "latin1");
  const model = twoTaskModel();
  const trainer = new Trainer();
  await trainer.load(path, model);
  const before = weights(model);
  await assert.rejects(
    trainer.fit(model, [pointsLoader(tasks)]),
    /at most 3 batches of an epoch for what was saved, got 4/,
  );
  assert.deepEqual(weights(model), before);
});

test("a schedule of one's own has to be given to the trainer that loads", async () => {
  const lrSchedulerConfig = { lambdaConfig: { lrLambda: (step: number) => 1 / (1 + step) } };
  const options: TrainerOptions = { lrScheduler: "lambda", lrSchedulerConfig };
  const { path } = await saved(options);
  await assert.rejects(new Trainer().load(path), /lambdaConfig.lrLambda.*holds no functions/);
  const trainer = new Trainer({ lrSchedulerConfig });
  await trainer.load(path);
  assert.equal(trainer.config.lrSchedulerConfig.lambdaConfig.lrLambda(1), 0.5);
});

test("a training at work cannot be saved", async () => {
  const trainer = new Trainer({ ...quiet, nEpochs: 200 });
  const fitting = trainer.fit(twoTaskModel(), [pointsLoader(tasks, { length: 400 })]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await assert.rejects(trainer.save(join(folder(), "state.safetensors")), /between two batches/);
  await fitting;
});

test("parity 33: each fit without load starts anew", async () => {
  const model = twoTaskModel();
  const start = model.stateDict();
  const before = Object.fromEntries(Object.entries(start).map(([name, value]) => [name, value.clone()]));
  const trainer = new Trainer({ ...quiet, seed: 1, lrScheduler: "exponential" });
  const first = await trainer.fit(model, [pointsLoader(tasks)]);
  const ended = weights(model);
  model.loadStateDict(before);
  assert.deepEqual(await trainer.fit(model, [pointsLoader(tasks)]), first);
  assert.deepEqual(weights(model), ended);
});
