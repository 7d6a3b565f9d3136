import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DictDataLoader, DictDataset } from "../../lib/data/index.ts";
import { addSliceLabels, SFApplier, slicingFunction } from "../../lib/slicing/index.ts";
import { scope, type Tensor, tensor } from "../../lib/torch/index.ts";
import { pointsTask } from "./models.ts";

const values = [0.1, 0.2, 0.3, 0.4, 0.5];
const task = pointsTask("spam");
const int64 = (numbers: number[]) => tensor(numbers, { dtype: "int64" });

function loaderOf(labels: Tensor = int64([0, 1, 1, 0, 1]), name = "spam"): DictDataLoader {
  const xDict = { points: tensor(values) };
  return new DictDataLoader(
    new DictDataset({ name: "data", split: "train", xDict, yDict: { [name]: labels } }),
  );
}

function labelsOf(loader: DictDataLoader): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(loader.dataset.yDict).map(([name, label]) => [name, label.to("float64").tolist()]),
  );
}

describe("addSliceLabels", () => {
  test("parity 67: adds the column and the labels inside of each slice, and of one of all data points", async () => {
    const small = slicingFunction((x: number) => x < 0.25, { name: "small" });
    const loader = loaderOf();
    addSliceLabels(loader, task, await new SFApplier([small]).apply(values));
    assert.deepEqual(labelsOf(loader), {
      spam: [0, 1, 1, 0, 1],
      "spam_slice:small_ind": [1, 1, 0, 0, 0],
      "spam_slice:small_pred": [0, 1, -1, -1, -1],
      "spam_slice:base_ind": [1, 1, 1, 1, 1],
      "spam_slice:base_pred": [0, 1, 1, 0, 1],
    });
    // The order in which losses are added up.
    assert.deepEqual(loader.dataset.labelNames, [
      "spam",
      "spam_slice:small_ind",
      "spam_slice:small_pred",
      "spam_slice:base_ind",
      "spam_slice:base_pred",
    ]);
    for (const label of Object.values(loader.dataset.yDict)) assert.equal(label.dtype, "int64");
  });

  test("parity 67: a base slice that is given is the one that counts", () => {
    const loader = loaderOf();
    addSliceLabels(loader, task, { base: [1, 1, 0, 0, 1] });
    assert.deepEqual(labelsOf(loader)["spam_slice:base_pred"], [0, 1, -1, -1, 1]);
    assert.equal(loader.dataset.labelNames.length, 3);
  });

  test("only 1 and true are inside: an abstain is not, and the indicator learns nothing from it", () => {
    const loader = loaderOf();
    addSliceLabels(loader, task, { votes: [1, -1, 0, -1, 1], booleans: [true, false, false, true, true] });
    const labels = labelsOf(loader);
    assert.deepEqual(labels["spam_slice:votes_ind"], [1, -1, 0, -1, 1]);
    assert.deepEqual(labels["spam_slice:votes_pred"], [0, -1, -1, -1, 1]);
    assert.deepEqual(labels["spam_slice:booleans_ind"], [1, 0, 0, 1, 1]);
    assert.deepEqual(labels["spam_slice:booleans_pred"], [0, -1, -1, 0, 1]);
  });

  test("labels that are probabilities are left out by the row", () => {
    const soft = tensor(values.map((p) => [p, 1 - p]));
    const loader = loaderOf(soft);
    addSliceLabels(loader, task, { some: [0, 0, 1, 0, 0] });
    const pred = loader.dataset.yDict["spam_slice:some_pred"] as Tensor;
    assert.equal(pred.dtype, "float32");
    const [first, , third] = pred.tolist() as number[][];
    assert.deepEqual(first, [-1, -1]);
    assert.deepEqual(third, (soft.tolist() as number[][])[2]);
  });

  test("labels that are missing stay so; the base task's own are not changed", () => {
    const loader = loaderOf(int64([0, -1, 1, -1, 1]));
    addSliceLabels(loader, task, { some: [1, 1, 0, 0, 1] });
    assert.deepEqual(labelsOf(loader)["spam_slice:some_pred"], [0, -1, -1, -1, 1]);
    assert.deepEqual(labelsOf(loader).spam, [0, -1, 1, -1, 1]);
  });

  test("labels that are added in a scope outlive it", () => {
    const loader = loaderOf();
    scope(() => addSliceLabels(loader, task, { some: [1, 1, 0, 0, 1] }));
    assert.deepEqual(labelsOf(loader)["spam_slice:some_ind"], [1, 1, 0, 0, 1]);
  });

  test("what does not fit is refused, and nothing is changed", () => {
    const cases: [S: unknown, message: RegExp][] = [
      [null, /expected an object of arrays for S, got null/],
      [
        { good: [1, 0, 0, 0, 0], bad: [1, 0, 0, 0] },
        /expected 5 elements, as the dataset has, for S\["bad"\], got 4/,
      ],
      [
        { good: [1, 0, 0, 0, 0], bad: [1, 0, 2, 0, 0] },
        /expected 1, 0, true, false or -1 for S\["bad"\]\[2\], got 2/,
      ],
      [{ bad: [1, 0, 0, 0, 1n] }, /S\["bad"\]\[4\], got 1 \(bigint\)/],
      [{ bad: [1, 0, 0, 0, Number.NaN] }, /S\["bad"\]\[4\], got NaN/],
      [{ bad: int64([1, 0, 0, 0, 0]) }, /expected an array for S\["bad"\], got a Tensor/],
      [{ bad: "10000" }, /expected an array for S\["bad"\]/],
      [{ "a.b": [1, 0, 0, 0, 0] }, /names without "." and "\/" for sliceNames, got "a.b"/],
      [{ "a/b": [1, 0, 0, 0, 0] }, /names without "." and "\/" for sliceNames, got "a\/b"/],
      [{ "": [1, 0, 0, 0, 0] }, /names without/],
    ];
    for (const [S, message] of cases) {
      const loader = loaderOf();
      assert.throws(() => addSliceLabels(loader, task, S as never), message);
      assert.deepEqual(loader.dataset.labelNames, ["spam"]);
    }
    assert.throws(
      () => addSliceLabels(loaderOf(int64([0, 1, 1, 0, 1]), "ham"), task, {}),
      /Base task \(spam\) labels missing/,
    );
    assert.throws(
      () => addSliceLabels(loaderOf(tensor(values).gt(0.2)), task, {}),
      /labels of a dtype that can be -1, such as int64, for task "spam", got "bool"/,
    );
    assert.throws(() => addSliceLabels({} as never, task, {}), /expected a DictDataLoader for loader/);
    assert.throws(() => addSliceLabels(loaderOf(), {} as never, {}), /expected a Task for baseTask/);
  });
});
