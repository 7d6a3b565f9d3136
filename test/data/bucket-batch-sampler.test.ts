import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BucketBatchSampler,
  type BucketBatchSamplerOptions,
  DictDataLoader,
  DictDataset,
  PythonRandom,
  RaggedField,
  seedEverything,
} from "../../lib/data/index.ts";
import { Generator, type Tensor } from "../../lib/torch/index.ts";

const random = new PythonRandom(7);
const lengths = Array.from({ length: 203 }, () => random.randbelow(90));

function batchesOf(options: Partial<BucketBatchSamplerOptions> = {}, batchSize = 8): number[][] {
  const sampler = new BucketBatchSampler(lengths, batchSize, options);
  const batches = [...sampler];
  assert.equal(sampler.length, batches.length);
  return batches;
}

const kinds = [
  {},
  { bucketSizeMultiplier: 5 },
  { buckets: [10, 40, 60] },
  { buckets: [10, 40], shuffle: false },
];

for (const options of kinds) {
  const title = JSON.stringify(options);

  test(`every example comes once in an epoch, in batches of the size: ${title}`, () => {
    const batches = batchesOf(options);
    const sorted = batches.flat().sort((a, b) => a - b);
    assert.deepEqual(sorted, [...lengths.keys()]);
    const small = batches.filter((batch) => batch.length < 8);
    assert.ok(batches.every((batch) => batch.length <= 8 && batch.length > 0));
    assert.ok(small.length <= 4);
    assert.ok(batchesOf({ ...options, dropLast: true }).every((batch) => batch.length === 8));
  });

  test(`the order follows from the generator: ${title}`, () => {
    const made = () => batchesOf({ ...options, generator: new Generator().manualSeed(3) });
    assert.deepEqual(made(), made());
    seedEverything(1);
    const first = batchesOf(options);
    const second = batchesOf(options);
    seedEverything(1);
    assert.deepEqual(batchesOf(options), first);
    if (options.shuffle === false) assert.deepEqual(second, first);
    else assert.notDeepEqual(second, first);
  });
}

test("the lengths of a batch are close together", () => {
  const waste = (batches: number[][]) => {
    const widths = batches.map((batch) => Math.max(...batch.map((i) => lengths[i] ?? 0)) * batch.length);
    return widths.reduce((sum, width) => sum + width, 0) / lengths.reduce((sum, length) => sum + length, 0);
  };
  assert.ok(waste(batchesOf()) < 1.1);
  assert.ok(waste(batchesOf({ bucketSizeMultiplier: 1 })) > 1.5);
});

test("with fixed buckets and a field that pads to them, only their widths occur", () => {
  const buckets = [16, 32, 64, 96];
  const rows = lengths.map((length) => new Int32Array(length).fill(1));
  const field = RaggedField.from(rows, { padTo: buckets });
  const dataset = new DictDataset({ name: "d", split: "train", xDict: { field }, yDict: {} });
  const loader = new DictDataLoader(dataset, { batchSampler: new BucketBatchSampler(field, 8, { buckets }) });
  for (let epoch = 0; epoch < 2; epoch++) {
    const widths = new Set(Array.from(loader, ({ xDict }) => (xDict.field as Tensor).shape[1]));
    assert.deepEqual([...widths].sort(), buckets);
  }
});

test("the lengths of a field are those after cutting", () => {
  const field = RaggedField.from([[1], [1, 2, 3], []], { maxLen: 2 });
  assert.deepEqual([...new BucketBatchSampler(field, 1).lengths], [1, 2, 0]);
});

test("there may be no examples", () => {
  for (const options of [{}, { buckets: [3] }]) {
    const sampler = new BucketBatchSampler([], 4, options);
    assert.deepEqual([sampler.length, [...sampler]], [0, []]);
  }
});

test("lengths and options are checked", () => {
  const make = (given: unknown, options = {}) => new BucketBatchSampler(given as number[], 2, options);
  for (const odd of [-1, Number.NaN, "x"]) assert.throws(() => make([1, odd]), /at least 0 for lengths\[1\]/);
  for (const odd of [null, 3, {}]) assert.throws(() => make(odd), /something with a length for lengths/);
  assert.throws(() => make([1], { buckets: [4, 4] }), /a number above 4 for buckets\[1\], got 4/);
  assert.throws(() => make([1], { buckets: 4 }), /an array of lengths for buckets/);
  assert.throws(() => make([1], { bucketSizeMultiplier: 0 }), /at least 1 for bucketSizeMultiplier/);
  assert.throws(() => make([1], { shuffle: 1 }), /boolean for shuffle/);
  assert.throws(() => make([1], { generator: 1 }), /torch.Generator or null/);
  assert.throws(() => new BucketBatchSampler([1], 0), /at least 1 for batchSize/);
});
