import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  type Batch,
  collateDicts,
  DictDataLoader,
  DictDataset,
  type Example,
  seedEverything,
} from "../../lib/data/index.ts";
import { drawSeed } from "../../lib/data/samplers.ts";
import { Generator, memory, scope, Tensor, tensor } from "../../lib/torch/index.ts";
import golden from "../goldens/data.json" with { type: "json" };

function numbered(length: number): DictDataset {
  const xDict = { i: [...Array(length).keys()] };
  return new DictDataset({
    name: "d",
    split: "train",
    xDict,
    yDict: { y: tensor(new Float32Array(length)) },
  });
}

const digest = (values: readonly number[]) => createHash("sha256").update(values.join(",")).digest("hex");
const positions = (loader: DictDataLoader) => Array.from(loader, ([x]) => x.i as number[]);

function wordLists(): DictDataset {
  const rows = [1, 2, 3, 4, 5].map((length) => [1, 2, 3, 4, 5].slice(0, length));
  return new DictDataset({
    name: "new_data",
    split: "train",
    xDict: { data1: rows, data2: rows.toReversed() },
    yDict: { task1: tensor([0, 0, 0, 0, 0]), task2: tensor([1, 1, 1, 1, 1]) },
  });
}

function firstBatch(loader: DictDataLoader): Batch {
  const batch = loader.iterate().nextBatch();
  assert.ok(batch);
  return batch;
}

for (const golds of golden.orders) {
  const { seed, length, batchSize, shuffle, dropLast, generatorSeed } = golds;
  const settings = `seed ${seed}, length ${length}, shuffle ${shuffle}, dropLast ${dropLast}, generator ${generatorSeed}`;
  test(`the order and the draws are PyTorch's: ${settings}`, () => {
    const generator = generatorSeed === null ? null : new Generator().manualSeed(generatorSeed);
    const loader = new DictDataLoader(numbered(length), { batchSize, shuffle, dropLast, generator });
    seedEverything(seed);
    const passes = [positions(loader), positions(loader)];
    if (golds.passes) assert.deepEqual(passes, golds.passes);
    assert.deepEqual(
      passes.map((batches) => digest(batches.flat())),
      golds.digests,
    );
    assert.equal(loader.length, passes[0]?.length);
    assert.deepEqual(
      loader.batchSizes(),
      passes[0]?.map((batch) => batch.length),
    );
    assert.equal(String(drawSeed(null)), golds.next);
    if (generator) assert.equal(String(drawSeed(generator)), golds.nextOfGenerator);
  });
}

test("parity 10: the batch size is 1 by default, and a batch is a pair", () => {
  const loader = new DictDataLoader(wordLists());
  assert.deepEqual([loader.length, loader.batchSize, loader.shuffle], [5, 1, false]);
  const [x, y] = firstBatch(loader);
  assert.deepEqual((x.data2 as Tensor).tolist(), [[1, 2, 3, 4, 5]]);
  assert.deepEqual(y.task1?.tolist(), [0]);
});

test("parity 10: a batch names what it holds", () => {
  const batch = firstBatch(new DictDataLoader(wordLists(), { batchSize: 2 }));
  assert.equal(batch.xDict, batch[0]);
  assert.equal(batch.yDict, batch[1]);
  assert.deepEqual([...batch.indices], [0, 1]);
  assert.equal(batch.size, 2);
  assert.deepEqual(batch.activeCounts, { task1: 2, task2: 2 });
});

test("parity 10: changed labels are seen at the next pass", () => {
  const dataset = wordLists();
  const loader = new DictDataLoader(dataset, { batchSize: 2 });
  assert.deepEqual(firstBatch(loader).yDict.task2?.tolist(), [1, 1]);
  const rows = [2, 2, -1, 2, 2].map((label) => tensor([label]));
  Object.assign(dataset.yDict, { task2: rows, task3: tensor([-1, 1, 1, 1, 1]) });
  const batch = firstBatch(loader);
  assert.deepEqual(batch.yDict.task2?.tolist(), [[2], [2]]);
  assert.deepEqual(batch.yDict.task3?.tolist(), [-1, 1]);
  assert.deepEqual(batch.activeCounts, { task1: 2, task2: 2, task3: 1 });
});

test("parity 10: a loader takes a DictDataset only, and known options only", () => {
  const dataset = wordLists();
  const make = (options: object) => new DictDataLoader(dataset, options);
  assert.throws(() => new DictDataLoader([] as unknown as DictDataset), /expected a DictDataset for dataset/);
  assert.throws(() => make({ batchsize: 2 }), /got "batchsize". Did you mean "batchSize"\?/);
  for (const batchSize of [0, -1, 1.5, Number.NaN, "2"]) {
    assert.throws(
      () => make({ batchSize }),
      /\[DictDataLoader\] expected an integer at least 1 for batchSize/,
    );
  }
  assert.throws(() => make({ shuffle: 1 }), /expected a boolean for shuffle, got 1/);
  assert.throws(() => make({ dropLast: "yes" }), /expected a boolean for dropLast/);
  assert.throws(() => make({ collate: {} }), /expected a function for collate/);
  assert.throws(() => make({ generator: 1 }), /expected a torch.Generator or null for generator/);
});

test("parity 11: a field of tensors of more dimensions is stacked, other fields stay arrays", () => {
  const xDict = { image: [tensor([[1, 2]]), tensor([[3, 4]])], text: ["a", "b"] };
  const dataset = new DictDataset({ name: "d", split: "train", xDict, yDict: {} });
  const { xDict: x, activeCounts } = firstBatch(new DictDataLoader(dataset, { batchSize: 2 }));
  assert.deepEqual((x.image as Tensor).tolist(), [[[1, 2]], [[3, 4]]]);
  assert.deepEqual(x.text, ["a", "b"]);
  assert.deepEqual(activeCounts, {});
});

test("parity 12: rows of different lengths are padded to the longest of their batch", () => {
  const { xDict } = firstBatch(new DictDataLoader(wordLists(), { batchSize: 3 }));
  assert.deepEqual((xDict.data1 as Tensor).tolist(), [
    [1, 0, 0],
    [1, 2, 0],
    [1, 2, 3],
  ]);
  assert.deepEqual((xDict.data2 as Tensor).tolist(), [
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 0],
    [1, 2, 3, 0, 0],
  ]);
});

test("a dataset without examples has no batches", () => {
  assert.deepEqual(positions(new DictDataLoader(numbered(0), { shuffle: true })), []);
});

test("a collate of one's own gets the examples and decides the batch", () => {
  const collate = (examples: Example[]): Example => {
    const [x, y] = collateDicts(examples);
    return [{ ...x, count: examples.length }, { y: (y.y as Tensor).ne(-1).to("float32").mul(-1) }];
  };
  const loader = new DictDataLoader(numbered(3), { batchSize: 2, collate });
  assert.deepEqual(
    Array.from(loader, ({ xDict }) => xDict.count),
    [2, 1],
  );
  assert.deepEqual(firstBatch(loader).activeCounts, { y: 0 });
});

test("what a collate returns is checked", () => {
  const first = (collate: unknown) => () =>
    firstBatch(new DictDataLoader(numbered(2), { collate: collate as () => Example }));
  assert.throws(
    first(() => ({ x: 1 })),
    /expected a pair \[xDict, yDict\] for what collate returns, got an object/,
  );
  assert.throws(
    first(() => [{}, { y: [1] }]),
    /expected a Tensor for label "y" of collate, got an array of 1/,
  );
});

test("an asynchronous collate is for `for await`", async () => {
  const collate = async (examples: Example[]) => collateDicts(examples);
  const loader = new DictDataLoader(numbered(3), { batchSize: 2, collate });
  const seen: unknown[] = [];
  for await (const [x] of loader) seen.push(x.i);
  assert.deepEqual(seen, [[0, 1], [2]]);
  assert.throws(
    () => [...loader],
    /expected a synchronous collate for collate, got a Promise. Use `for await/,
  );
});

test("a dataset's own get is used, and its labels are counted as it gives them", () => {
  class Doubled extends DictDataset {
    override get(i: number): Example {
      const [x, y] = super.get(i);
      return [{ i: (x.i as number) * 2 }, { y: (y.y as Tensor).mul(-1) }];
    }
  }
  const dataset = new Doubled({
    name: "d",
    split: "train",
    xDict: { i: [1, 2, 3] },
    yDict: { y: tensor([1, 0, 1]) },
  });
  const batch = firstBatch(new DictDataLoader(dataset, { batchSize: 3 }));
  assert.deepEqual(batch.xDict.i, [2, 4, 6]);
  assert.deepEqual(batch.activeCounts, { y: 1 });
});

test("a batch's tensors are freed by its scope, or by dispose", () => {
  const loader = new DictDataLoader(wordLists(), { batchSize: 2, shuffle: true });
  for (const batch of loader) batch.dispose();
  const before = memory();
  const iterator = loader.iterate();
  scope(() => {
    for (let batch = iterator.nextBatch(); batch !== null; batch = iterator.nextBatch()) {
      assert.ok(batch.xDict.data1 instanceof Tensor);
    }
  });
  assert.deepEqual(memory(), before);
  for (const batch of loader) batch.dispose();
  assert.deepEqual(memory(), before);
  const kept = scope(() => firstBatch(loader));
  assert.deepEqual((kept.xDict.data1 as Tensor).shape.length, 2);
});

test("dispose leaves the tensors of a collate of one's own alone", () => {
  const shared = tensor([1, 2]);
  const collate = ([example]: Example[]): Example => [{ shared }, example?.[1] ?? {}];
  for (const batch of new DictDataLoader(numbered(3), { collate })) batch.dispose();
  assert.deepEqual(shared.tolist(), [1, 2]);
});
