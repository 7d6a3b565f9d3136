import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BatchSampler,
  DictDataLoader,
  type DictDataLoaderOptions,
  DictDataset,
  openEpoch,
  RandomSampler,
  type Sampler,
  SequentialSampler,
  SubsetRandomSampler,
} from "../../lib/data/index.ts";
import { compareSamplers } from "../../scripts/parity/torch/samplers.ts";
import golden from "../goldens/samplers.json" with { type: "json" };

for (const { name, difference, bound } of await compareSamplers(golden)) {
  test(`the examples and the draws are PyTorch's: ${name}`, () => assert.ok(difference <= bound));
}

function loaderOf(options: Partial<DictDataLoaderOptions>, length = 5): DictDataLoader {
  const xDict = { i: [...Array(length).keys()] };
  return new DictDataLoader(new DictDataset({ name: "d", split: "train", xDict, yDict: {} }), options);
}

const positions = (loader: DictDataLoader) => Array.from(loader, ({ xDict }) => xDict.i);

test("a sampler may be a list, or any object that can be iterated anew and has a length", () => {
  const sampler = [4, 0, 0];
  const loader = loaderOf({ sampler, batchSize: 2 });
  assert.equal(loader.length, 2);
  assert.deepEqual(loader.batchSizes(), [2, 1]);
  for (let pass = 0; pass < 2; pass++) assert.deepEqual(positions(loader), [[4, 0], [0]]);
  assert.deepEqual(positions(loaderOf({ sampler: Int32Array.of(1, 2), batchSize: 2 })), [[1, 2]]);
  class Odd implements Sampler {
    readonly length = 2;
    *[Symbol.iterator]() {
      yield* [1, 3];
    }
  }
  assert.deepEqual(positions(loaderOf({ sampler: new Odd() })), [[1], [3]]);
});

test("a sampler of batches decides on the batches", () => {
  const loader = loaderOf({ batchSampler: [[4, 0], [1], Int32Array.of(2, 3, 3)] });
  assert.deepEqual([loader.length, loader.batchSize, loader.sampler], [3, null, null]);
  assert.deepEqual(loader.batchSizes(), [null, null, null]);
  assert.deepEqual(positions(loader), [[4, 0], [1], [2, 3, 3]]);
  const sized = loaderOf({ batchSampler: new BatchSampler([4, 3, 2], 2, { dropLast: true }) });
  assert.deepEqual([sized.length, sized.batchSizes(), positions(sized)], [1, [2], [[4, 3]]]);
});

test("options that exclude each other are an error, as in PyTorch", () => {
  assert.throws(
    () => loaderOf({ sampler: [1], shuffle: true }),
    /expected false for shuffle, got true \(boolean\). A `sampler` decides on the order/,
  );
  for (const other of [{ batchSize: 2 }, { shuffle: true }, { sampler: [1] }, { dropLast: true }]) {
    const [name] = Object.keys(other);
    assert.throws(
      () => loaderOf({ batchSampler: [[1]], ...other }),
      new RegExp(`expected no such option for ${name}, got .* A \`batchSampler\` decides on it`),
    );
  }
});

test("what is no sampler is refused", () => {
  const odd = [
    5,
    "12",
    { length: 3 },
    new Set([1]),
    (function* () {})(),
    { length: -1, *[Symbol.iterator]() {} },
  ];
  for (const sampler of odd as unknown as Sampler[]) {
    assert.throws(
      () => loaderOf({ sampler }),
      /\[DictDataLoader\] expected (an iterable|something) .*length/,
    );
    assert.throws(() => new BatchSampler(sampler, 2), /\[BatchSampler\] expected (an iterable|something)/);
  }
  const batchSampler = 3 as unknown as Sampler<number[]>;
  assert.throws(() => loaderOf({ batchSampler }), /with a length for batchSampler, got 3/);
});

test("positions that the dataset does not have are refused", () => {
  for (const position of [-1, 5, 1.5, Number.NaN, 2 ** 32, "1", undefined] as number[]) {
    const where = /\[DictDataLoader\] expected a position from 0 to 4, for there are 5 examples/;
    assert.throws(() => positions(loaderOf({ sampler: [position] })), where);
    assert.throws(() => positions(loaderOf({ batchSampler: [[0, position]] })), where);
  }
  for (const batch of [[], null, 3, "12", {}] as unknown as number[][]) {
    assert.throws(
      () => positions(loaderOf({ batchSampler: [batch] })),
      /expected an array of at least one position for a batch of batchSampler/,
    );
  }
  assert.throws(() => positions(loaderOf({ sampler: [0] }, 0)), /for there are 0 examples/);
});

test("a dataset that loses examples during a shuffled pass is an error", () => {
  const loader = loaderOf({ shuffle: true });
  const pass = loader.iterate();
  pass.nextBatch();
  loader.dataset.xDict = { i: [] };
  assert.throws(() => pass.nextBatch(), /for there are 0 examples.*Change datasets between epochs/);
});

test("a sampler that gives fewer than its length ends the epoch with an error", () => {
  class Short implements Sampler {
    readonly length = 3;
    *[Symbol.iterator]() {
      yield 0;
    }
  }
  const epoch = openEpoch("sequential", [loaderOf({ sampler: new Short() })]);
  epoch.next();
  assert.throws(() => epoch.next(), /expected 3 batches.*got 1.*let a sampler give as many as its length/);
});

test("a pass that ends early lets go of the sampler", () => {
  let returned = 0;
  class Watched implements Sampler {
    readonly length = 3;
    *[Symbol.iterator]() {
      try {
        yield* [0, 1, 2];
      } finally {
        returned++;
      }
    }
  }
  const loader = loaderOf({ sampler: new Watched() });
  for (const _ of loader) break;
  assert.equal(returned, 1);
  const epoch = openEpoch("sequential", [loader, loaderOf({})]);
  epoch.next();
  epoch.close();
  assert.equal(returned, 2);
});

test("options of samplers are checked", () => {
  const data = { length: 4 };
  assert.throws(() => new RandomSampler(data, { numSamples: 0 }), /an integer at least 1 for numSamples/);
  assert.throws(
    () => new RandomSampler(data, { replacement: 1 as unknown as boolean }),
    /boolean for replacement/,
  );
  assert.throws(() => new RandomSampler(data, { generator: 1 as never }), /torch.Generator or null/);
  assert.throws(() => new RandomSampler(data, { num: 1 } as object), /Did you mean "numSamples"\?/);
  assert.throws(() => new RandomSampler(4 as never), /something with a length for dataSource, got 4/);
  assert.throws(
    () => new SequentialSampler(null as never),
    /something with a length for dataSource, got null/,
  );
  assert.throws(() => new SubsetRandomSampler(null as never), /something with a length for indices/);
  assert.throws(
    () => new BatchSampler([1], 0),
    /\[BatchSampler\] expected an integer at least 1 for batchSize/,
  );
  assert.throws(() => [...new RandomSampler({ length: 0 }, { numSamples: 2 })], /at least one example/);
  assert.deepEqual([...new RandomSampler({ length: 0 })], []);
});
