import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  collateDicts,
  DictDataLoader,
  type DictDataLoaderOptions,
  DictDataset,
  type Example,
  seedEverything,
} from "../../lib/data/index.ts";
import { drawSeed } from "../../lib/data/samplers.ts";
import { Generator, scope, type Tensor, tensor } from "../../lib/torch/index.ts";

function loaderOf(options: Partial<DictDataLoaderOptions>): DictDataLoader {
  const i = Array.from({ length: 20 }, (_, position) => position);
  const dataset = new DictDataset({ name: "d", split: "train", xDict: { i, v: tensor(i) }, yDict: {} });
  return new DictDataLoader(dataset, { batchSize: 3, shuffle: true, ...options });
}

async function later(examples: Example[]): Promise<Example> {
  await setImmediate();
  return collateDicts(examples);
}

test("the next batches are in the making while one is in use, and no more than that", async () => {
  for (const prefetch of [0, 1, 3, 50]) {
    let started = 0;
    let used = 0;
    const collate = (examples: Example[]) => {
      started++;
      return later(examples);
    };
    for await (const batch of loaderOf({ collate, prefetch })) {
      used++;
      assert.equal(started, Math.min(used + prefetch, 7));
      batch.dispose();
    }
    assert.equal(used, 7);
  }
});

test("the batches and the draws are those without prefetch, whatever draws in between", async () => {
  const run = async (prefetch: number) => {
    const generator = new Generator().manualSeed(5);
    const seen: unknown[] = [];
    seedEverything(3);
    for (const options of [{}, { generator }, { shuffle: false }]) {
      for await (const { xDict } of loaderOf({ collate: later, prefetch, ...options }))
        seen.push(xDict.i, drawSeed(null));
    }
    // A generator that others draw from too: the end of a pass, which draws, is not asked for ahead.
    for await (const { xDict } of loaderOf({ collate: later, prefetch, generator, batchSize: 4 }))
      seen.push(xDict.i, drawSeed(generator));
    return [...seen, drawSeed(generator)];
  };
  const without = await run(0);
  assert.deepEqual(await run(2), without);
  assert.deepEqual(await run(9), without);
});

test("a batch that fails ahead fails when it is asked for", async () => {
  let calls = 0;
  const collate = async (examples: Example[]) => {
    calls++;
    if (calls === 3) throw new Error("no such file");
    return later(examples);
  };
  let used = 0;
  await assert.rejects(async () => {
    for await (const _ of loaderOf({ collate, prefetch: 4 })) {
      used++;
      await setImmediate();
    }
  }, /no such file/);
  assert.equal(used, 2);
});

test("a position that does not exist fails when its batch is asked for", async () => {
  const loader = loaderOf({ collate: later, prefetch: 2, shuffle: false, batchSize: 1, sampler: [0, 99] });
  const pass = loader.iterate();
  assert.deepEqual((await pass.next())?.xDict.i, [0]);
  await assert.rejects(async () => pass.next(), /expected a position from 0 to 19/);
});

test("a pass that ends early makes no more batches", async () => {
  let started = 0;
  const collate = (examples: Example[]) => {
    started++;
    return started === 2 ? Promise.reject(new Error("nobody asks")) : later(examples);
  };
  const loader = loaderOf({ collate, prefetch: 2 });
  for await (const _ of loader) break;
  await setImmediate();
  assert.equal(started, 3);
});

test("a synchronous collate makes nothing ahead", () => {
  let calls = 0;
  const collate = (examples: Example[]) => {
    calls++;
    return collateDicts(examples);
  };
  const [first] = loaderOf({ collate, prefetch: 5 });
  assert.ok(first);
  assert.equal(calls, 1);
});

test("what an asynchronous collate makes before it waits outlives the scope around it", async () => {
  const collate = async (examples: Example[]): Promise<Example> => {
    const [x] = collateDicts(examples);
    await setImmediate();
    return [{ ...x, doubled: (x.v as Tensor).mul(2), first: examples[0]?.[0].v }, {}];
  };
  const pass = loaderOf({ collate, shuffle: false }).iterate();
  const { pending } = scope(() => ({ pending: pass.next() }));
  const batch = await pending;
  assert.ok(batch);
  assert.deepEqual((batch.xDict.doubled as Tensor).tolist(), [0, 2, 4]);
  assert.equal((batch.xDict.first as Tensor).item(), 0);
});

test("prefetch is checked", () => {
  for (const prefetch of [-1, 0.5, "2"] as number[]) {
    assert.throws(() => loaderOf({ prefetch }), /expected an integer at least 0 for prefetch/);
  }
});
