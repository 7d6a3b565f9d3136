import assert from "node:assert/strict";
import { test } from "node:test";
import {
  batchSchedulerNames,
  collateDicts,
  createBatchScheduler,
  DictDataLoader,
  DictDataset,
  openEpoch,
  pythonRandom,
  seedEverything,
} from "../../lib/data/index.ts";
import { drawSeed } from "../../lib/data/samplers.ts";
import { Generator, tensor } from "../../lib/torch/index.ts";
import golden from "../goldens/data.json" with { type: "json" };

type Golden = (typeof golden.schedules)[number];

function loaderOf({ length, batchSize, shuffle, generatorSeed }: Golden["loaders"][number]): DictDataLoader {
  const xDict = { i: [...Array(length).keys()] };
  const yDict = { y: tensor(new Float32Array(length)) };
  const generator = generatorSeed === null ? null : new Generator().manualSeed(generatorSeed);
  const dataset = new DictDataset({ name: "d", split: "train", xDict, yDict });
  return new DictDataLoader(dataset, { batchSize, shuffle, generator });
}

function nameOf(scheduler: string): (typeof batchSchedulerNames)[number] {
  return scheduler === "shuffled" ? "shuffled" : "sequential";
}

function checkDraws(golds: Golden, loaders: DictDataLoader[]): void {
  assert.equal(pythonRandom.getrandbits(32), golds.nextBits);
  const generators = loaders.flatMap(({ generator }) => (generator ? [generator] : []));
  assert.deepEqual(
    generators.map((generator) => String(drawSeed(generator))),
    golds.nextOfGenerators,
  );
}

for (const [number, golds] of golden.schedules.entries()) {
  const title = `${golds.scheduler} batches and draws are Snorkel's, case ${number}`;

  test(`parity 39: ${title}`, () => {
    const loaders = golds.loaders.map(loaderOf);
    const scheduler = createBatchScheduler(nameOf(golds.scheduler));
    seedEverything(golds.seed);
    for (const epoch of golds.epochs) {
      // As dropout would, something draws from the global generator after each batch.
      const seen = Array.from(scheduler.getBatches(loaders), ([batch, loader]) => [
        loaders.indexOf(loader),
        batch.xDict.i,
        String(drawSeed(null)),
      ]);
      assert.deepEqual(seen, epoch);
    }
    checkDraws(golds, loaders);
  });

  test(`parity 39: ${title}, by an open epoch`, () => {
    const loaders = golds.loaders.map(loaderOf);
    seedEverything(golds.seed);
    for (const expected of golds.epochs) {
      const epoch = openEpoch(nameOf(golds.scheduler), loaders);
      assert.deepEqual(
        epoch.sizes,
        expected.map(([, positions]) => (positions as number[]).length),
      );
      while (epoch.position < epoch.sizes.length) {
        const [index, positions, draw] = expected[epoch.position] ?? [];
        const { batch, loader } = epoch.next();
        assert.ok(!(batch instanceof Promise));
        assert.deepEqual(
          [loaders.indexOf(loader as DictDataLoader), batch.xDict.i, String(drawSeed(null))],
          [index, positions, draw],
        );
      }
      assert.throws(
        () => epoch.next(),
        /\[EpochBatches.next\] expected \d+ batches, as at the start of the epoch/,
      );
    }
    checkDraws(golds, loaders);
  });
}

test("parity 39: every batch comes exactly once in an epoch, each loader in its own order", () => {
  const loaders = [5, 4, 0].map((length) =>
    loaderOf({ length, batchSize: 2, shuffle: false, generatorSeed: null }),
  );
  for (const name of batchSchedulerNames) {
    const seen = new Map(loaders.map((loader) => [loader, [] as unknown[]]));
    for (const [batch, loader] of createBatchScheduler(name).getBatches(loaders)) {
      seen.get(loader)?.push(batch.xDict.i);
    }
    assert.deepEqual(
      [...seen.values()],
      [
        [[0, 1], [2, 3], [4]],
        [
          [0, 1],
          [2, 3],
        ],
        [],
      ],
    );
  }
});

test("parity 39: an unknown batch scheduler is an error that names it", () => {
  assert.throws(
    () => createBatchScheduler("shufled" as "shuffled"),
    /expected batchScheduler to be one of \["shuffled", "sequential"\], got "shufled". Did you mean "shuffled"\?/,
  );
});

test("an epoch over a dataset that lost examples ends with an error", () => {
  const loader = loaderOf({ length: 4, batchSize: 2, shuffle: false, generatorSeed: null });
  const epoch = openEpoch("sequential", [loader]);
  epoch.next();
  loader.dataset.xDict = { i: [0, 1] };
  loader.dataset.yDict = { y: tensor([0, 0]) };
  assert.throws(() => epoch.next(), /expected 2 batches.*got 1. Change datasets between epochs/);
});

test("an epoch over a loader with an asynchronous collate gives promises", async () => {
  const { dataset } = loaderOf({ length: 3, batchSize: 2, shuffle: false, generatorSeed: null });
  const loader = new DictDataLoader(dataset, {
    batchSize: 2,
    collate: async (examples) => collateDicts(examples),
  });
  const epoch = openEpoch("sequential", [loader]);
  assert.deepEqual(epoch.sizes, [2, 1]);
  for (const positions of [[0, 1], [2]]) {
    const { batch } = epoch.next();
    assert.ok(batch instanceof Promise);
    assert.deepEqual((await batch).xDict.i, positions);
  }
});
