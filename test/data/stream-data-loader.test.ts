import assert from "node:assert/strict";
import { once } from "node:events";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  type Batch,
  collateDicts,
  type Example,
  padCollate,
  StreamDataLoader,
  type StreamDataLoaderOptions,
  type StreamSource,
} from "../../lib/data/index.ts";
import { memory, scope, type Tensor, tensor } from "../../lib/torch/index.ts";
import { collectedMemory } from "../collected-memory.ts";

const example = (i: number): Example => [{ i, v: tensor([i]) }, { y: tensor(i, { dtype: "int64" }) }];
const pair = (...rows: number[]): Example => [{ v: tensor(rows) }, { y: tensor(rows) }];

function loaderOf(source: unknown, options: Partial<StreamDataLoaderOptions> = {}): StreamDataLoader {
  const open = (typeof source === "function" ? source : () => source) as StreamDataLoaderOptions["source"];
  return new StreamDataLoader({ name: "s", split: "train", labelNames: ["y"], source: open, ...options });
}

async function* count(limit: number): AsyncGenerator<Example> {
  for (let i = 0; i < limit; i++) {
    await setImmediate();
    yield example(i);
  }
}

async function batchesOf(loader: StreamDataLoader): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of loader) batches.push(batch);
  return batches;
}

const positions = async (loader: StreamDataLoader) =>
  (await batchesOf(loader)).map(({ xDict }) => xDict.i as number[]);

describe("what a source may be", () => {
  const sources: Record<string, () => StreamSource | Promise<StreamSource>> = {
    "an async generator": () => count(5),
    "an array": () => [0, 1, 2, 3, 4].map(example),
    "an array of promises": () => [0, 1, 2, 3, 4].map(async (i) => example(i)),
    "a stream of Node": () => Readable.from([0, 1, 2, 3, 4].map(example)),
    "a promise of one": async () => count(5),
  };
  for (const [name, source] of Object.entries(sources)) {
    test(`${name}, opened once for each pass`, async () => {
      const loader = loaderOf(source, { batchSize: 2 });
      for (let pass = 0; pass < 2; pass++) assert.deepEqual(await positions(loader), [[0, 1], [2, 3], [4]]);
      assert.deepEqual(await positions(loaderOf(source, { batchSize: 2, dropLast: true })), [
        [0, 1],
        [2, 3],
      ]);
    });
  }
});

test("a batch of examples is one as any loader gives", async () => {
  const [, second] = await batchesOf(loaderOf(count(5), { batchSize: 3 }));
  assert.ok(second);
  assert.deepEqual([...second.indices], [3, 4]);
  assert.equal(second.size, 2);
  assert.deepEqual(second.activeCounts, { y: 2 });
  assert.deepEqual((second.xDict.v as Tensor).tolist(), [[3], [4]]);
  assert.deepEqual(second.yDict.y?.tolist(), [3, 4]);
});

test("a source may give whole batches, whose rows are counted", async () => {
  const batches = await batchesOf(loaderOf([pair(1, -1), pair(2)]));
  assert.deepEqual(
    batches.map(({ size, indices, activeCounts }) => [size, [...indices], activeCounts]),
    [
      [2, [0, 1], { y: 1 }],
      [1, [2], { y: 1 }],
    ],
  );
  const texts: Example = [{ text: ["a", "b", "c"] }, {}];
  const [batch] = await batchesOf(loaderOf([texts], { labelNames: [] }));
  assert.deepEqual([batch?.size, batch?.activeCounts], [3, {}]);
});

test("a collate of one's own decides the batch, asynchronously too", async () => {
  const collate = async (examples: Example[]): Promise<Example> => {
    await setImmediate();
    return [{ i: examples.length }, {}];
  };
  const unlabelled = { labelNames: [] };
  assert.deepEqual(await positions(loaderOf(count(5), { batchSize: 3, collate, ...unlabelled })), [3, 2]);
  const rows = [[1], [1, 2]].map((row): Example => [{ t: tensor(row) }, {}]);
  const [batch] = await batchesOf(
    loaderOf(rows, {
      batchSize: 2,
      collate: padCollate({ t: { mask: true, leftPadded: true } }),
      ...unlabelled,
    }),
  );
  assert.ok(batch);
  assert.deepEqual((batch.xDict.t_mask as Tensor).tolist(), [
    [true, false],
    [false, false],
  ]);
});

test("a shuffle buffer gives every example once, the early ones early", async () => {
  const given = (await positions(loaderOf(() => count(50), { batchSize: 1, shuffleBuffer: 5 }))).flat();
  assert.deepEqual(
    given.toSorted((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i),
  );
  assert.ok(given.every((i, position) => i <= position + 5));
  assert.notDeepEqual(given, given.toSorted());
});

describe("back-pressure", () => {
  for (const prefetch of [0, 1, 3]) {
    test(`at most ${prefetch} batches are read ahead`, async () => {
      let read = 0;
      const source = async function* () {
        for (; ; read++) yield example(read);
      };
      let used = 0;
      for await (const batch of loaderOf(source, { batchSize: 2, prefetch })) {
        used++;
        await setImmediate();
        assert.equal(read, 2 * (used + prefetch) - 1, "the last is read, and waits at its yield");
        batch.dispose();
        if (used === 5) break;
      }
    });
  }

  test("nothing is read before the first batch is asked for", async () => {
    let isOpen = false;
    const source = () => {
      isOpen = true;
      return count(2);
    };
    const pass = loaderOf(source, { batchSize: 1 }).iterate();
    await setImmediate();
    assert.equal(isOpen, false);
    assert.deepEqual((await pass.next())?.xDict.i, [0]);
    pass.close();
  });
});

describe("a pass that ends early", () => {
  test("closes its source, and tells it by the signal", async () => {
    let isClosed = false;
    let signal: AbortSignal | undefined;
    const loader = loaderOf(
      async function* (pass: { signal: AbortSignal }) {
        signal = pass.signal;
        try {
          for (let i = 0; ; i++) yield example(i);
        } finally {
          isClosed = true;
        }
      },
      { batchSize: 1 },
    );
    for await (const _ of loader) break;
    await setImmediate();
    assert.equal(isClosed, true);
    assert.equal(signal?.aborted, true);
  });

  test("does not wait for a source that waits", async () => {
    let signal: AbortSignal | undefined;
    const loader = loaderOf(async function* (pass: { signal: AbortSignal }) {
      signal = pass.signal;
      yield pair(1);
      await once(pass.signal, "abort");
    });
    for await (const _ of loader) break;
    assert.equal(signal?.aborted, true);
  });

  test("warns of a source that fails when it is closed", async () => {
    const warned = once(process, "warning");
    const loader = loaderOf(async function* () {
      try {
        for (;;) yield pair(1);
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what is tested
        throw new Error("cannot close");
      }
    });
    for await (const _ of loader) break;
    const [warning] = await warned;
    assert.match(
      warning.message,
      /StreamDataLoader s\/train\] the source failed when it was closed: cannot close/,
    );
  });

  test("frees what it has made ahead, and what it owns", async () => {
    const before = await collectedMemory();
    for (const options of [{ batchSize: 2 }, { batchSize: 2, shuffleBuffer: 3 }, { shuffleBuffer: 2 }, {}]) {
      const source = async function* () {
        for (;;) yield pair(1, 2);
      };
      for await (const batch of loaderOf(source, { ownsTensors: true, ...options })) {
        await setImmediate();
        batch.dispose();
        break;
      }
      for (let turn = 0; turn < 3; turn++) await setImmediate();
      assert.deepEqual(memory(), before, JSON.stringify(options));
    }
  });
});

describe("whose tensors they are", () => {
  test("those of the source stay, unless the loader owns them", async () => {
    const given = [pair(1), pair(2)] as const;
    for (const options of [{}, { batchSize: 2 }]) {
      for await (const batch of loaderOf(given, options)) batch.dispose();
      assert.deepEqual((given[1][0].v as Tensor).tolist(), [2]);
    }
    for await (const batch of loaderOf(given, { ownsTensors: true })) batch.dispose();
    assert.throws(() => (given[1][0].v as Tensor).tolist(), /disposed/);
  });

  test("a collate of one's own may pass on what the loader owns", async () => {
    const before = await collectedMemory();
    const collate = ([first]: Example[]): Example => [{ v: first?.[0].v }, {}];
    const source = () => [1, 2, 3].map((i) => pair(i));
    for await (const batch of loaderOf(source, {
      batchSize: 1,
      collate,
      ownsTensors: true,
      labelNames: [],
    })) {
      assert.deepEqual((batch.xDict.v as Tensor).shape, [1]);
      batch.dispose();
    }
    assert.deepEqual(memory(), before);
  });

  test("a pass opened inside a scope is not touched by it", async () => {
    const pass = loaderOf(() => count(2), { batchSize: 2 }).iterate();
    const { pending } = scope(() => ({ pending: pass.next() }));
    assert.deepEqual(((await pending)?.yDict.y as Tensor | undefined)?.tolist(), [0, 1]);
    assert.deepEqual(collateDicts([]), [{}, {}]);
  });
});
