import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crossEntropyWithProbs, MultitaskClassifier, type TaskOptions } from "../../lib/model/index.ts";
import { nn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { fieldTask } from "./models.ts";

const logits = tensor([
  [1, -2, 0.5],
  [0, 3, -1],
  [2, 2, 2],
  [-1, 0, 1],
]);
const classes = tensor([0, 1, -1, 2], { dtype: "int64" });
const weights = tensor([1, 0.5, 7, 2]);
const classWeights = [1, 2, 0.25];
const labelled = tensor([0, 1, 3], { dtype: "int64" });

function lossOf(options: Partial<TaskOptions>, labels: Tensor, fields: object = { weights }): number {
  const model = new MultitaskClassifier([fieldTask("task", options)], { device: "cpu" });
  const { lossDict } = model.calculateLoss({ logits, ...fields }, { task: labels });
  return lossDict.task?.item() as number;
}

const close = (actual: number, wanted: number) =>
  assert.ok(Math.abs(actual - wanted) < 1e-6, `${actual} is not ${wanted}`);

/** The loss of each labelled row, without weights. */
const rowLosses = nn.functional
  .crossEntropy(logits.indexSelect(0, labelled), classes.indexSelect(0, labelled), { reduction: "none" })
  .tolist() as number[];
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

describe("classWeights", () => {
  test("give PyTorch's weighted mean over the labelled rows", () => {
    const weight = tensor(classWeights);
    const wanted = nn.functional.crossEntropy(
      logits.indexSelect(0, labelled),
      classes.indexSelect(0, labelled),
      { weight },
    );
    close(lossOf({ classWeights }, classes), wanted.item() as number);
  });

  test("of probabilities divide by the number of labelled rows", () => {
    const labels = tensor([
      [0.5, 0.5, 0],
      [0, 1, 0],
      [-1, -1, -1],
      [0.25, 0.25, 0.5],
    ]);
    const some = [logits, labels].map((each) => each.indexSelect(0, labelled)) as [Tensor, Tensor];
    const wanted = crossEntropyWithProbs(...some, { weight: tensor(classWeights) }).item() as number;
    close(lossOf({ classWeights, lossFunc: crossEntropyWithProbs }, labels), wanted);
    close(lossOf({ classWeights }, labels), wanted);
  });

  test("are refused where the loss is one's own, and unless they are numbers of at least 0", () => {
    const lossFunc = (output: Tensor, labels: Tensor) => nn.functional.crossEntropy(output, labels);
    assert.throws(
      () => fieldTask("task", { classWeights, lossFunc }),
      /classWeights.*Put them into lossFunc/,
    );
    assert.throws(() => fieldTask("task", { classWeights, lossFunc: new nn.CrossEntropyLoss() }), /lossFunc/);
    assert.throws(() => fieldTask("task", { classWeights: [1, -1] }), /at least 0 for classWeights\[1\]/);
  });

  test("for another number of classes are an error that names the task", () => {
    assert.throws(
      () => lossOf({ classWeights: [1, 2] }, classes),
      /the loss of task "task" on label "task" failed/,
    );
  });
});

describe("sampleWeights", () => {
  const sampleWeights = "weights";
  const rowWeights = [1, 0.5, 2];

  test("give the sum of weight times loss over the number of labelled rows", () => {
    const wanted = sum(rowLosses.map((loss, i) => loss * (rowWeights[i] as number))) / 3;
    close(lossOf({ sampleWeights }, classes), wanted);
    close(lossOf({ sampleWeights }, classes, { weights: weights.unsqueeze(1) }), wanted);
  });

  test("of 1 change nothing, with classWeights either", () => {
    const fields = { weights: tensor([1, 1, 1, 1]) };
    close(lossOf({ sampleWeights }, classes, fields), lossOf({}, classes));
    close(lossOf({ sampleWeights, classWeights }, classes, fields), lossOf({ classWeights }, classes));
  });

  test("weigh a loss of one's own that gives one value a row", () => {
    const lossFunc = (output: Tensor, labels: Tensor) =>
      nn.functional.crossEntropy(output, labels, { reduction: "none" }).mul(3);
    close(lossOf({ sampleWeights, lossFunc }, classes), 3 * lossOf({ sampleWeights }, classes));
  });

  test("weigh the default losses of other kinds: of a row with several labels, the mean over those it has", () => {
    const labels = tensor([
      [1, 0, 1],
      [0, -1, 1],
      [-1, -1, -1],
      [1, 1, 0],
    ]);
    const entries = nn.functional
      .binaryCrossEntropyWithLogits(logits, labels.clampMin(0), { reduction: "none" })
      .tolist() as number[][];
    const mean = (row: number, columns: number[]) =>
      sum(columns.map((column) => entries[row]?.[column] ?? Number.NaN)) / columns.length;
    const wanted = (1 * mean(0, [0, 1, 2]) + 0.5 * mean(1, [0, 2]) + 2 * mean(3, [0, 1, 2])) / 3;
    close(lossOf({ kind: "multilabel", sampleWeights }, labels), wanted);
    close(
      lossOf({ kind: "multilabel", sampleWeights, lossFunc: new nn.BCEWithLogitsLoss() }, labels),
      wanted,
    );
    const ownLoss = (output: Tensor, given: Tensor) =>
      nn.functional.binaryCrossEntropyWithLogits(output, given, { reduction: "none" });
    close(lossOf({ kind: "multilabel", sampleWeights, lossFunc: ownLoss }, labels), wanted);
  });

  test("weigh squared errors of real numbers, whether they lie in rows or in a column", () => {
    const column = { logits: tensor([[1], [2], [3], [5]]), weights };
    const wanted = (1 * 1 + 0.5 * 4 + 2 * 9) / 3;
    const labels = tensor([0, 0, -1, 2]);
    close(lossOf({ kind: "regression", sampleWeights }, labels, column), wanted);
    close(lossOf({ kind: "regression", sampleWeights }, labels.unsqueeze(1), column), wanted);
    const lossFunc = new nn.MSELoss({ reduction: "none" });
    close(lossOf({ kind: "regression", sampleWeights, lossFunc }, labels, column), wanted);
  });

  test("are refused for a loss of one value, a field that is missing, or one of other numbers", () => {
    const lossFunc = (output: Tensor, labels: Tensor) => nn.functional.crossEntropy(output, labels);
    assert.throws(() => lossOf({ sampleWeights, lossFunc }, classes), /reduction: "none"/);
    assert.throws(() => lossOf({ sampleWeights: "weight" }, classes), /one number a row for field "weight"/);
    const two = { weights: tensor([1, 2]) };
    assert.throws(() => lossOf({ sampleWeights }, classes, two), /each of 4 rows.*got "shape \[2\]"/);
  });
});
