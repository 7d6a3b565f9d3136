import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DictDataLoader, DictDataset } from "../../lib/data/index.ts";
import { MultitaskClassifier } from "../../lib/model/index.ts";
import { nn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { linearTask, pointsLoader, twoTaskModel } from "../model/models.ts";

const quiet = { progressBar: false, lr: 0.05 } as const;
const tasks = ["first", "second"];

function weights(model: MultitaskClassifier): number[][] {
  return Object.values(model.stateDict()).map((value) => Array.from(value.toTypedArray() as Float32Array));
}

/** A model of one task whose weights a test can watch. */
function oneTaskModel(lossFunc?: (output: Tensor, labels: Tensor) => Tensor): MultitaskClassifier {
  return new MultitaskClassifier([linearTask("first", lossFunc ? { lossFunc } : {})], { device: "cpu" });
}

const folder = () => mkdtempSync(join(tmpdir(), "trainer-"));
const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));

test("parity 40: the average loss, the rate and the scores are logged over points", async () => {
  const logDir = folder();
  const logs = { logging: true, logWriter: "json", logWriterConfig: { logDir, runName: "run" } } as const;
  const loaders = [pointsLoader(tasks, { length: 20 }), pointsLoader(tasks, { length: 8, split: "valid" })];
  const trainer = new Trainer({ ...quiet, ...logs, nEpochs: 3, lrScheduler: "exponential" });
  await trainer.fit(twoTaskModel(), loaders);
  const log = read(join(logDir, "run", "log.json"));
  assert.deepEqual(Object.keys(log), [
    "first/points/train/loss",
    "second/points/train/loss",
    "model/all/train/loss",
    "model/all/train/lr",
    "first/points/valid/accuracy",
    "second/points/valid/accuracy",
  ]);
  assert.deepEqual(
    log["model/all/train/loss"].map(([step]: [number]) => step),
    [20, 40, 60],
  );
  const rate = log["model/all/train/lr"][0][1];
  assert.ok(Math.abs(rate - 0.05 * 0.9 ** 5) < 1e-15, `${rate}`);
  assert.equal(read(join(logDir, "run", "config.json")).nEpochs, 3);
  assert.equal(trainer.metrics["first/points/valid/accuracy"], log["first/points/valid/accuracy"][2][1]);
});

test("parity 41: the test split is never scored", async () => {
  const trainer = new Trainer(quiet);
  await trainer.fit(twoTaskModel(), [pointsLoader(tasks), pointsLoader(tasks, { split: "test" })]);
  assert.ok(!Object.keys(trainer.metrics).some((name) => name.includes("/test/")));
});

test("parity 41: the metrics are those of the last fit", async () => {
  const trainer = new Trainer(quiet);
  await trainer.fit(twoTaskModel(), [pointsLoader(tasks), pointsLoader(tasks, { split: "valid" })]);
  assert.ok("first/points/valid/accuracy" in trainer.metrics);
  await trainer.fit(twoTaskModel(), [pointsLoader(tasks)]);
  assert.ok(!("first/points/valid/accuracy" in trainer.metrics));
});

test("parity 43: fractions of an epoch, batches and points are units of evaluation", async () => {
  const evaluations = async (logManagerConfig: object) => {
    const trainer = new Trainer({ ...quiet, nEpochs: 2, logManagerConfig });
    const history = await trainer.fit(twoTaskModel(), [pointsLoader(tasks, { length: 40 })]);
    return history.evaluations.map(({ batch }) => batch);
  };
  assert.deepEqual(await evaluations({ evaluationFreq: 0.5 }), [5, 10, 15, 20]);
  assert.deepEqual(await evaluations({ counterUnit: "batches", evaluationFreq: 8 }), [8, 16]);
  assert.deepEqual(await evaluations({ counterUnit: "points", evaluationFreq: 10 }), [3, 6, 9, 12, 15, 18]);
});

test("parity 45: with checkpointing the model ends as the best one, and only that file stays", async () => {
  const checkpointDir = folder();
  const checkpointerConfig = { checkpointDir, checkpointMetric: "model/all/train/loss:max" };
  const trainer = new Trainer({ ...quiet, nEpochs: 4, checkpointing: true, checkpointerConfig });
  const model = twoTaskModel();
  const history = await trainer.fit(model, [pointsLoader(tasks, { length: 80 })]);
  assert.equal(history.loadedBestModel, true);
  assert.deepEqual(readdirSync(checkpointDir), ["best_model_model_all_train_loss.safetensors"]);
  const best = twoTaskModel();
  await best.load(join(checkpointDir, "best_model_model_all_train_loss.safetensors"));
  assert.deepEqual(weights(model), weights(best));
});

test("the last good checkpoint stays when a loss is not finite", async () => {
  const checkpointDir = folder();
  let calls = 0;
  const lossFunc = (output: Tensor, labels: Tensor) =>
    nn.functional.crossEntropy(output, labels).mul(++calls > 4 ? Number.NaN : 1);
  const trainer = new Trainer({
    ...quiet,
    nEpochs: 3,
    checkpointing: true,
    checkpointerConfig: { checkpointDir },
    stepPrograms: false,
  });
  await assert.rejects(trainer.fit(oneTaskModel(lossFunc), [pointsLoader(["first"])]), /NaN/);
  assert.deepEqual(readdirSync(checkpointDir).sort(), [
    "best_model_model_all_train_loss.safetensors",
    "checkpoint_1.0.safetensors",
    "trainer_state.safetensors",
  ]);
});

test("a validation split whose labels are all -1 does not stop the training", async () => {
  const yDict = { first: tensor([-1, -1], { dtype: "int64" }) };
  const valid = new DictDataset({
    name: "v",
    split: "valid",
    xDict: {
      data: tensor([
        [1, 2],
        [3, 4],
      ]),
    },
    yDict,
  });
  const loaders = [pointsLoader(["first"]), new DictDataLoader(valid)];
  const history = await new Trainer(quiet).fit(oneTaskModel(), loaders);
  assert.deepEqual(history.evaluations[0]?.scores, { "first/v/valid/accuracy": Number.NaN });
});
