import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DictDataset } from "../../lib/data/index.ts";
import { crossEntropyWithProbs, Task } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import {
  SFApplier,
  SliceAwareClassifier,
  type SliceAwareClassifierOptions,
  type SliceCombinerModule,
  slicingFunction,
} from "../../lib/slicing/index.ts";
import { nn, noGrad, randn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { everyOf, pointsDataset, pointsTask } from "./models.ts";

const hidden = 6;

function modelOf(options: Partial<SliceAwareClassifierOptions> = {}): SliceAwareClassifier {
  return new SliceAwareClassifier({
    baseArchitecture: new nn.Sequential(new nn.Linear(2, hidden), new nn.ReLU()),
    headDim: hidden,
    sliceNames: ["f", "g"],
    inputDataKey: "points",
    taskName: "task",
    device: "cpu",
    ...options,
  });
}

/** A model that predicts class 1 for everything, whatever its slices' heads say. */
function sayingOne(options: Partial<SliceAwareClassifierOptions> = {}): SliceAwareClassifier {
  const model = modelOf(options);
  const head = model.modulePool.get(`${model.baseTask.name}_master_head`) as nn.Linear;
  noGrad(() => {
    head.weight.zero_();
    head.bias?.copy_(tensor([-1, 1]));
  });
  return model;
}

const accuracy = () => new Scorer({ metrics: ["accuracy"] });

/** Eight points: all of the even rows are of class 1. */
function evenDataset(taskName: string): DictDataset {
  const labels = tensor([1, 0, 1, 0, 1, 0, 1, 1], { dtype: "int64" });
  const xDict = { points: randn([8, 2]) };
  return new DictDataset({ name: "data", split: "valid", xDict, yDict: { [taskName]: labels } });
}

describe("SliceAwareClassifier", () => {
  test("parity 70: has the task, and two for each slice and for all data points", () => {
    const model = modelOf();
    assert.deepEqual(
      model.taskNames,
      new Set(
        ["f", "g", "base"].flatMap((s) => [`task_slice:${s}_ind`, `task_slice:${s}_pred`]).concat("task"),
      ),
    );
    assert.equal(model.name, "task_sliceaware_classifier");
    assert.equal(String(model), "SliceAwareClassifier(name=task_sliceaware_classifier)");
    assert.equal(modelOf({ name: "mine" }).name, "mine");
    assert.deepEqual(model.sliceNames, ["f", "g"]);
    assert.ok(model.baseTask instanceof Task);
    assert.deepEqual([...model.baseTask.modulePool.keys()], ["base_architecture", "prediction_head"]);
  });

  test("parity 70: defaults are Snorkel's", () => {
    const { baseTask } = new SliceAwareClassifier({
      baseArchitecture: new nn.Linear(2, 3),
      headDim: 3,
      sliceNames: [],
    });
    assert.equal(baseTask.name, "task");
    assert.deepEqual(baseTask.opSequence[0]?.inputs, [["_input_", "input_data"]]);
    assert.deepEqual([...baseTask.scorer.metrics.keys()], ["accuracy", "f1"]);
  });

  test("parity 70: makes a loader with the slices' labels", async () => {
    const model = modelOf();
    const rows = [3, 43, 12, 9, 3].map((num) => ({ num }));
    const S = await new SFApplier([
      slicingFunction((x: { num: number }) => x.num > 42, { name: "f" }),
      slicingFunction((x: { num: number }) => x.num > 10, { name: "g" }),
    ]).apply(rows);
    const dataset = pointsDataset(["task"], rows.length);
    const loader = model.makeSliceDataloader(dataset, S, { batchSize: 4, shuffle: true });
    assert.equal(loader.batchSize, 4);
    assert.equal(loader.shuffle, true);
    assert.equal(loader.dataset, dataset);
    assert.deepEqual(new Set(dataset.labelNames), model.taskNames);
    assert.deepEqual(dataset.yDict["task_slice:g_ind"]?.tolist(), [0, 1, 1, 0, 0]);
  });

  test("parity 70: a dataset without the task's labels is refused", () => {
    const dataset = pointsDataset(["bad_labels"], 5);
    assert.throws(() => modelOf().makeSliceDataloader(dataset, {}), /Base task \(task\) labels missing/);
    assert.deepEqual(dataset.labelNames, ["bad_labels"]);
  });

  test("parity 70: score has the slices' own heads, scoreSlices the task's head on each slice", async () => {
    const model = sayingOne({ scorer: accuracy() });
    const S = { f: everyOf(2, 8), g: [0, 0, 0, 0, 0, 1, 1, 1] };
    const loader = model.makeSliceDataloader(evenDataset("task"), S, { batchSize: 3 });
    const scores = await model.score([loader]);
    assert.ok("task_slice:f_ind/data/valid/f1" in scores);
    assert.ok("task_slice:base_pred/data/valid/accuracy" in scores);
    assert.equal(Object.keys(scores).length, 7);
    const sliceScores = await model.scoreSlices([loader]);
    assert.deepEqual(sliceScores, {
      "task/data/valid/accuracy": 5 / 8,
      "task_slice:f_pred/data/valid/accuracy": 1,
      "task_slice:g_pred/data/valid/accuracy": 2 / 3,
      "task_slice:base_pred/data/valid/accuracy": 5 / 8,
    });
    const table = await model.scoreSlices([loader], { asTable: true });
    assert.deepEqual(table[1], {
      label: "task_slice:f_pred",
      dataset: "data",
      split: "valid",
      metric: "accuracy",
      score: 1,
    });
  });

  test("a task called industry and slices called pred_x and x_ind are scored like any other", async () => {
    const taskName = "industry_pred";
    const model = sayingOne({ taskName, sliceNames: ["pred_x", "x_ind", "x:pred"], scorer: accuracy() });
    const S = { pred_x: everyOf(2, 8), x_ind: [0, 0, 0, 0, 0, 1, 1, 1], "x:pred": [0, 1, 0, 1, 0, 0, 0, 0] };
    const loader = model.makeSliceDataloader(evenDataset(taskName), S, { batchSize: 8 });
    assert.deepEqual(await model.scoreSlices([loader]), {
      "industry_pred/data/valid/accuracy": 5 / 8,
      "industry_pred_slice:pred_x_pred/data/valid/accuracy": 1,
      "industry_pred_slice:x_ind_pred/data/valid/accuracy": 2 / 3,
      "industry_pred_slice:x:pred_pred/data/valid/accuracy": 0,
      "industry_pred_slice:base_pred/data/valid/accuracy": 5 / 8,
    });
  });

  test("other tasks of the model are scored on their own heads", async () => {
    const model = sayingOne({ taskName: "task", sliceNames: [], scorer: accuracy() });
    model.addTask(pointsTask("indoor_pred"));
    const dataset = evenDataset("task");
    dataset.yDict.indoor_pred = (dataset.yDict.task as Tensor).clone();
    const scores = await model.scoreSlices([model.makeSliceDataloader(dataset, {}, { batchSize: 8 })]);
    const own = await model.score([model.makeSliceDataloader(dataset, {}, { batchSize: 8 })]);
    const key = "indoor_pred/data/valid/accuracy";
    assert.equal(scores[key], own[key]);
    assert.notEqual(scores[key], undefined);
  });

  test("an abstain is not inside of a slice, and a slice without data points has no score", async () => {
    const model = sayingOne({ scorer: accuracy() });
    const S = { f: [-1, 0, -1, 0, 1, 1, 0, 0], g: new Int8Array(8) };
    const loader = model.makeSliceDataloader(evenDataset("task"), S, { batchSize: 8 });
    const scores = await model.scoreSlices([loader]);
    assert.equal(scores["task_slice:f_pred/data/valid/accuracy"], 1 / 2);
    assert.equal(scores["task_slice:g_pred/data/valid/accuracy"], Number.NaN);
  });

  test("slices that the model was not made for are scored, but not trained on", async () => {
    const model = sayingOne({ sliceNames: ["even"], scorer: accuracy() });
    const dataset = evenDataset("task");
    const loader = model.makeSliceDataloader(
      dataset,
      { even: everyOf(2, 8), odd: everyOf(3, 8) },
      { batchSize: 8 },
    );
    const scores = await model.scoreSlices([loader]);
    assert.equal(scores["task_slice:odd_pred/data/valid/accuracy"], 2 / 3);
    const trainer = new Trainer({ progressBar: false, trainSplit: "valid", validSplit: "train" });
    await assert.rejects(trainer.fit(model, [loader]), /label "task_slice:odd_ind".*Did you mean/);
  });

  test("the temperature, the confidence, the loss and the output function reach the tasks", () => {
    const outputFunc = (output: Tensor) => output.sigmoid();
    const model = modelOf({
      ...{ temperature: 0.25, confidence: "highest" },
      ...{ lossFunc: crossEntropyWithProbs, outputFunc },
    });
    const combiner = model.modulePool.get("task_master_combiner") as SliceCombinerModule;
    assert.deepEqual([combiner.temperature, combiner.confidence], [0.25, "highest"]);
    for (const name of ["task", "task_slice:f_pred"]) {
      assert.equal(model.lossFuncs[name], crossEntropyWithProbs);
      assert.equal(model.outputFuncs[name], outputFunc);
    }
  });

  test("more than two classes", async () => {
    const model = modelOf({ nClasses: 3, sliceNames: ["f"] });
    const dataset = pointsDataset(["task"], 12);
    dataset.yDict.task = tensor([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], { dtype: "int64" });
    const loader = model.makeSliceDataloader(dataset, { f: everyOf(2, 12) }, { batchSize: 4 });
    await new Trainer({ progressBar: false, nEpochs: 3 }).fit(model, [loader]);
    const { probs } = await model.predict(loader, { taskNames: ["task", "task_slice:f_pred"] });
    assert.deepEqual(probs.task?.shape, [12, 3]);
    assert.deepEqual(Object.keys(await model.scoreSlices([loader])), [
      "task/data/train/accuracy",
      "task/data/train/f1_macro",
      "task_slice:f_pred/data/train/accuracy",
      "task_slice:f_pred/data/train/f1_macro",
      "task_slice:base_pred/data/train/accuracy",
      "task_slice:base_pred/data/train/f1_macro",
    ]);
  });

  test("weights are saved and loaded", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "slices-")), "model.pt");
    const [saved, loaded] = [modelOf(), modelOf()];
    await saved.save(path);
    await loaded.load(path);
    const values = (model: SliceAwareClassifier) => Object.values(model.stateDict()).map((t) => t.tolist());
    assert.deepEqual(values(loaded), values(saved));
  });

  test("what it is made of is checked", () => {
    assert.throws(() => modelOf({ baseArchitecture: {} as never }), /expected a Module for baseArchitecture/);
    assert.throws(() => modelOf({ headDim: 0 }), /expected an integer at least 1 for headDim, got 0/);
    assert.throws(() => modelOf({ nClasses: 1 }), /expected an integer at least 2 for nClasses, got 1/);
    assert.throws(() => modelOf({ sliceNames: "f" as never }), /expected an array of slices' names/);
    assert.throws(() => modelOf({ temprature: 1 } as never), /"temprature". Did you mean "temperature"/);
    assert.throws(() => modelOf({ taskName: "" }), /expected a name for name, got ""/);
  });

  test("loaders are checked before they are scored", async () => {
    await assert.rejects(modelOf().scoreSlices({} as never), /expected an array of loaders for loaders/);
  });
});
