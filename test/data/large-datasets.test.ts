import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DictDataLoader,
  DictDataset,
  RaggedField,
  RandomSampler,
  WeightedRandomSampler,
} from "../../lib/data/index.ts";
import { memory, ones, type Tensor, zeros } from "../../lib/torch/index.ts";

const megabyte = 2 ** 20;
const examples = 2000;

/** 128 MiB each, in a field of rows and in one of a matrix: as much as a mapped file might be, seen from here. */
const matrix = ones([examples, 2 ** 14]);
const values = ones([2 ** 25], { dtype: "float32" });
const offsets = Int32Array.from({ length: examples + 1 }, (_, i) => Math.floor((i * 2 ** 25) / examples));
const labels = zeros([examples], { dtype: "int64" });

/** What the process took at most beyond `before`: a copy that lived for a moment only is in it. */
function grown(before: number): number {
  return (process.resourceUsage().maxRSS * 1024 - before) / megabyte;
}

test("no field is ever copied as a whole: not by a dataset, nor by its loaders", () => {
  assert.ok(process.memoryUsage().rss > 256 * megabyte);
  const before = process.resourceUsage().maxRSS * 1024;
  const live = memory();
  const rows = new RaggedField(values, offsets, { mask: true, maxLen: 1000 });
  const xDict = { matrix, rows, both: { matrix, rows } };
  const dataset = new DictDataset({ name: "big", split: "train", xDict, yDict: { y: labels } });
  assert.deepEqual(memory(), live);
  dataset.get(7);
  const samplers = [
    new RandomSampler(dataset, { numSamples: 64 }),
    WeightedRandomSampler.balanced(dataset, "y", { numSamples: 64 }),
  ];
  for (const sampler of samplers) {
    for (const batch of new DictDataLoader(dataset, { batchSize: 8, sampler })) {
      assert.deepEqual((batch.xDict.rows as Tensor).shape, [8, 1000]);
      batch.dispose();
    }
  }
  assert.ok(grown(before) < 64, `${grown(before)} MiB`);
});

test("the check above sees a copy", () => {
  const before = process.resourceUsage().maxRSS * 1024;
  matrix.clone().dispose();
  assert.ok(grown(before) > 100, `${grown(before)} MiB`);
});
