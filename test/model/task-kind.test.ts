import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DictDataLoader, DictDataset, seedEverything } from "../../lib/data/index.ts";
import { MultitaskClassifier, type TaskKind, type TaskOptions } from "../../lib/model/index.ts";
import { type MetricName, Scorer } from "../../lib/scoring/index.ts";
import { nn, randn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { fieldTask, linearTask } from "./models.ts";

const { functional } = nn;
const onCpu = { device: "cpu" } as const;
const rows = 80;

/** Trains one task of a linear layer over three features, and gives its scores. */
async function trained(options: Partial<TaskOptions>, x: Tensor, labels: Tensor, outputs: number) {
  const data = new DictDataset({
    name: "d",
    split: "train",
    xDict: { input_data: x },
    yDict: { task: labels },
  });
  const model = MultitaskClassifier.fromModule(new nn.Linear(3, outputs), { ...onCpu, ...options });
  const loader = new DictDataLoader(data, { batchSize: 16, shuffle: true });
  await new Trainer({ nEpochs: 30, lr: 0.05, progressBar: false }).fit(model, [loader]);
  return { scores: await model.score([loader]), model, loader };
}

const scorer = (...metrics: MetricName[]) => new Scorer({ metrics });

describe("a multi-label task", () => {
  const x = randn([rows, 3]);

  test("is trained, predicted and scored on integer labels with one option", async () => {
    seedEverything(1);
    const { scores, model, loader } = await trained({ kind: "multilabel" }, x, x.gt(0).to("int64"), 3);
    assert.ok((scores["task/d/train/f1_micro"] ?? 0) > 0.95, JSON.stringify(scores));
    const { preds, probs } = await model.predict(loader, { returnPreds: true });
    assert.equal(preds?.task?.dtype, "int64");
    assert.deepEqual(preds?.task?.tolist(), probs.task?.gt(0.5).to("int64").tolist());
  });

  test("has many metrics, those of probabilities too", async () => {
    seedEverything(2);
    const metrics = scorer("accuracy", "hamming_loss", "f1_macro", "f1_samples", "roc_auc_macro");
    const { scores } = await trained({ kind: "multilabel", scorer: metrics }, x, x.gt(0).float(), 3);
    assert.ok((scores["task/d/train/accuracy"] ?? 0) > 0.9);
    assert.ok((scores["task/d/train/hamming_loss"] ?? 1) < 0.1);
    assert.ok((scores["task/d/train/roc_auc_macro"] ?? 0) > 0.99);
  });

  test("of one label, a single logit, is scored as two classes", async () => {
    seedEverything(3);
    const options = { kind: "multilabel", scorer: scorer("accuracy", "f1", "roc_auc", "log_loss") } as const;
    const { scores } = await trained(options, x, x.select(1, 0).gt(0).to("int64"), 1);
    assert.ok((scores["task/d/train/f1"] ?? 0) > 0.9, JSON.stringify(scores));
    assert.ok((scores["task/d/train/roc_auc"] ?? 0) > 0.99);
  });

  test("predicts what is above its threshold, in predict and score alike", async () => {
    const logits = tensor([
      [0, 2],
      [-2, 0.1],
    ]);
    const yDict = {
      task: tensor([
        [0n, 1n],
        [0n, 0n],
      ]),
    };
    const data = new DictDataset({ name: "d", split: "test", xDict: { logits }, yDict });
    const options = { kind: "multilabel", scorer: scorer("accuracy") } as const;
    const predicted = async (threshold?: number) => {
      const model = new MultitaskClassifier([fieldTask("task", { ...options, threshold })], onCpu);
      const loader = new DictDataLoader(data);
      const { preds } = await model.predict(loader, { returnPreds: true });
      return [preds?.task?.tolist(), Object.values(await model.score([loader]))];
    };
    assert.deepEqual(await predicted(), [
      [
        [0, 1],
        [0, 1],
      ],
      [0.5],
    ]);
    assert.deepEqual(await predicted(0.6), [
      [
        [0, 1],
        [0, 0],
      ],
      [1],
    ]);
  });
});

test("probabilities that are NaN have no predictions", async () => {
  const yDict = { task: tensor([[1n, 0n]]) };
  const xDict = { logits: tensor([[Number.NaN, 1]]) };
  const loader = new DictDataLoader(new DictDataset({ name: "d", split: "test", xDict, yDict }));
  const model = new MultitaskClassifier([fieldTask("task", { kind: "multilabel" })], onCpu);
  await assert.rejects(model.score([loader]), /expected numbers for the probabilities of labels, got NaN/);
});

describe("a regression", () => {
  const x = randn([rows, 3]);

  test("is trained and scored with one option, on [rows] against an output of [rows, 1]", async () => {
    seedEverything(4);
    const options = { kind: "regression", scorer: scorer("mse", "mae", "rmse", "r2") } as const;
    const { scores } = await trained(options, x, x.sum(1).mul(2).add(5), 1);
    assert.ok((scores["task/d/train/r2"] ?? 0) > 0.99, JSON.stringify(scores));
    assert.ok((scores["task/d/train/mae"] ?? 1) < 0.3);
  });

  test("has another loss where it is given one", async () => {
    seedEverything(5);
    const options = { kind: "regression", lossFunc: functional.l1Loss, scorer: scorer("mae") } as const;
    const { scores } = await trained(options, x, x.mul(0.5), 3);
    assert.ok((scores["task/d/train/mae"] ?? 1) < 0.2, JSON.stringify(scores));
  });

  test("has no predictions, and does not keep other tasks from theirs", async () => {
    const logits = tensor([[2, 1]]);
    const tasks = [fieldTask("class"), fieldTask("value", { kind: "regression" })];
    const data = new DictDataset({ name: "d", split: "test", xDict: { logits }, yDict: {} });
    const model = new MultitaskClassifier(tasks, onCpu);
    const options = { returnPreds: true, taskNames: ["class", "value"] };
    const { preds, probs } = await model.predict(new DictDataLoader(data), options);
    assert.deepEqual(Object.keys(preds ?? {}), ["class"]);
    assert.deepEqual(probs.value?.tolist(), [[2, 1]]);
  });
});

test("an output of one column without a kind has no predictions: the error says what to do", async () => {
  const data = new DictDataset({
    name: "d",
    split: "test",
    xDict: { logits: tensor([[1]]) },
    yDict: { task: tensor([1n]) },
  });
  const model = new MultitaskClassifier([fieldTask("task")], onCpu);
  await assert.rejects(
    model.predict(new DictDataLoader(data), { returnPreds: true }),
    /two classes for the output of "task".*Give task "task" the kind "multilabel" or "regression"/,
  );
});

test("an unknown kind, or a threshold that is no number, is refused", () => {
  const kind = "multi_label" as TaskKind;
  assert.throws(() => linearTask("task", { kind }), /\[Task "task"\] .*Did you mean "multilabel"/);
  assert.throws(() => linearTask("task", { threshold: Number.NaN }), /expected a number for threshold/);
});
