import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type BatchSchedulerName,
  type DataLoader,
  DictDataLoader,
  DictDataset,
  type EpochBatches,
  Generators,
  openEpoch,
  pythonRandom,
  RandomSampler,
  type Sampler,
  StreamDataLoader,
  seedEverything,
} from "../../lib/data/index.ts";
import { arange, Generator, rand, scope, type Tensor, tensor } from "../../lib/torch/index.ts";

function dataset(name: string, length: number): DictDataset {
  const x = arange(length, { dtype: "int64" });
  return new DictDataset({ name, split: "train", xDict: { x }, yDict: { y: x } });
}

/** Draws each position when it is asked for. */
class DrawingSampler implements Sampler {
  readonly length = 11;
  *[Symbol.iterator](): IterableIterator<number> {
    for (let i = 0; i < this.length; i++) yield Math.floor((rand([1]).item() as number) * this.length);
  }
}

const source = () => Array.from({ length: 12 }, (_, i) => [{ x: tensor(i) }, { y: tensor(i) }] as never);
const stream = () =>
  new StreamDataLoader({
    ...{ name: "stream", split: "train", labelNames: ["y"], source, batchSize: 4, length: 3 },
    shuffleBuffer: 5,
  });

const cases: Record<string, () => DataLoader[]> = {
  "shuffled loaders": () => [
    new DictDataLoader(dataset("a", 13), { batchSize: 3, shuffle: true }),
    new DictDataLoader(dataset("b", 7), { batchSize: 2, shuffle: true }),
  ],
  "a sampler that draws for each batch": () => [
    new DictDataLoader(dataset("a", 11), { batchSize: 2, sampler: new DrawingSampler() }),
    new DictDataLoader(dataset("b", 7), { batchSize: 2, shuffle: true }),
  ],
  "a generator of a sampler's own": () => {
    const data = dataset("a", 40);
    const sampler = new RandomSampler(data, { replacement: true, generator: new Generator().manualSeed(3) });
    return [new DictDataLoader(data, { batchSize: 3, sampler })];
  },
  "a stream beside a loader": () => [
    stream(),
    new DictDataLoader(dataset("b", 9), { batchSize: 2, shuffle: true }),
  ],
};

/** A batch, and what a step draws for it. */
async function step(batches: EpochBatches): Promise<string> {
  const { batch, loader } = batches.next();
  const { xDict } = await batch;
  const drawn = scope(() => rand([1]).item());
  return `${loader.dataset.name} ${(xDict.x as Tensor).tolist()} ${drawn} ${pythonRandom.random()}`;
}

describe("an epoch is continued after any batch", () => {
  for (const scheduler of ["shuffled", "sequential"] as BatchSchedulerName[]) {
    for (const [name, open] of Object.entries(cases)) {
      test(`${scheduler}: ${name}`, async () => {
        seedEverything(5);
        const loaders = open();
        const generators = new Generators(loaders);
        const start = generators.states();
        const batches = openEpoch(scheduler, loaders, generators);
        const seen: string[] = [];
        const places = [];
        while (batches.nextLoader !== undefined) {
          seen.push(await step(batches));
          batches.settle(seen.length);
          const now = batches.statesAfter(seen.length) ?? assert.fail();
          places.push({ marks: batches.marksUpTo(seen.length), now });
        }
        for (const [i, { marks, now }] of places.entries()) {
          const others = open();
          const theirs = new Generators(others);
          seedEverything(77);
          theirs.set(start);
          const again = openEpoch(scheduler, others, theirs);
          await again.skip(i + 1, marks);
          theirs.set(now);
          for (let k = i + 1; k < seen.length; k++) assert.equal(await step(again), seen[k]);
          again.close();
        }
      });
    }
  }
});

test("what was pulled ahead of the batches that are done does not count", () => {
  seedEverything(5);
  const loaders = cases["shuffled loaders"]?.() ?? assert.fail();
  const generators = new Generators(loaders);
  const batches = openEpoch("sequential", loaders, generators);
  batches.nextIndices();
  const before = generators.states();
  for (let i = 0; i < 6; i++) batches.nextIndices(); // the second loader draws its order
  assert.notDeepEqual(generators.states(), before);
  assert.deepEqual(batches.statesAfter(3), before);
  assert.deepEqual(
    batches.marksUpTo(3).map(({ position }) => position),
    [0],
  );
});
