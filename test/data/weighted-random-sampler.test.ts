import assert from "node:assert/strict";
import { test } from "node:test";
import { DictDataset, seedEverything, WeightedRandomSampler } from "../../lib/data/index.ts";
import { memory, type Tensor, tensor } from "../../lib/torch/index.ts";

function labelled(labels: number[]): DictDataset {
  const yDict = { y: tensor(labels, { dtype: "int64" }), wide: tensor(labels.map((label) => [label])) };
  return new DictDataset({ name: "d", split: "train", xDict: {}, yDict });
}

function countOf(labels: number[], sampler: WeightedRandomSampler): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const i of sampler) counts[labels[i] ?? -2] = (counts[labels[i] ?? -2] ?? 0) + 1;
  return counts;
}

test("classes come equally often, and examples without a label never", () => {
  const labels = [...Array(1000).keys()].map((i) => (i % 10 === 0 ? 1 : i % 10 === 1 ? -1 : 0));
  seedEverything(0);
  const sampler = WeightedRandomSampler.balanced(labelled(labels), "y");
  assert.equal(sampler.length, 900);
  const counts = countOf(labels, sampler);
  assert.deepEqual(Object.keys(counts), ["0", "1"]);
  assert.ok(Math.abs((counts[0] ?? 0) - 450) < 60, JSON.stringify(counts));
});

test("examples without a label come as often as `unlabeled` says", () => {
  const labels = [...Array(1000).keys()].map((i) => (i % 10 === 0 ? -1 : 0));
  const sampler = WeightedRandomSampler.balanced(labelled(labels), "y", { unlabeled: 0.5, numSamples: 3000 });
  const counts = countOf(labels, sampler);
  assert.equal(sampler.length, 3000);
  assert.ok(Math.abs((counts[-1] ?? 0) - 1000) < 150, JSON.stringify(counts));
});

test("without replacement no example comes twice", () => {
  const sampler = new WeightedRandomSampler([1, 0, 2, 3], 3, { replacement: false });
  assert.deepEqual([...sampler].sort(), [0, 2, 3]);
});

test("weights may be a tensor, and are read once", () => {
  const weights = tensor([0, 1]);
  const sampler = new WeightedRandomSampler(weights, 2);
  weights.fill_(0);
  const before = memory();
  assert.deepEqual([...sampler], [1, 1]);
  assert.deepEqual(memory(), before);
});

test("weights that cannot be drawn by are refused", () => {
  const make = (weights: number[] | Tensor, count = 1, options = {}) =>
    new WeightedRandomSampler(weights, count, options);
  for (const odd of [Number.NaN, -1, Number.POSITIVE_INFINITY, "a", undefined] as number[]) {
    assert.throws(() => make([1, odd]), /expected a finite number, at least 0, for weights\[1\]/);
  }
  assert.throws(() => make([]), /expected at least 1 weights above 0, got 0/);
  assert.throws(() => make([0, 0]), /expected at least 1 weights above 0, got 0/);
  assert.throws(
    () => make([1, 0, 1], 3, { replacement: false }),
    /expected at least 3 weights above 0, got 2. Draw fewer, or with replacement/,
  );
  assert.throws(() => make(tensor([[1]])), /expected a 1-d tensor for weights, got "shape \[1,1\]"/);
  assert.throws(() => make(null as never), /something with a length for weights, got null/);
  assert.throws(() => make({ length: 2 ** 25 } as number[]), /at most 16777216 weights/);
  for (const count of [0, 1.5, Number.NaN])
    assert.throws(() => make([1], count), /at least 1 for numSamples/);
});

test("a label that cannot be balanced is refused", () => {
  const balanced = (name: string, options = {}, labels = [0, 1]) =>
    WeightedRandomSampler.balanced(labelled(labels), name, options);
  assert.throws(
    () => balanced("z"),
    /expected a label of the dataset, of one dimension, for labelName, got "z"/,
  );
  assert.throws(() => balanced("wide"), /of one dimension, for labelName/);
  assert.throws(() => balanced("y", { unlabeled: -1 }), /a number at least 0 for unlabeled/);
  assert.throws(() => balanced("y", {}, [-1, -1]), /expected at least 1 weights above 0/);
  assert.throws(() => balanced("y", {}, []), /expected at least 1 weights above 0/);
});
