import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  createBatchScheduler,
  type Example,
  StreamDataLoader,
  type StreamDataLoaderOptions,
} from "../../lib/data/index.ts";
import { memory, tensor } from "../../lib/torch/index.ts";
import { collectedMemory } from "../collected-memory.ts";

const pair = (...rows: number[]): Example => [{ v: tensor(rows) }, { y: tensor(rows) }];

function loaderOf(source: unknown, options: Partial<StreamDataLoaderOptions> = {}): StreamDataLoader {
  const open = (typeof source === "function" ? source : () => source) as StreamDataLoaderOptions["source"];
  return new StreamDataLoader({ name: "s", split: "train", labelNames: ["y"], source: open, ...options });
}

async function read(source: unknown, options: Partial<StreamDataLoaderOptions> = {}): Promise<number> {
  let batches = 0;
  for await (const batch of loaderOf(source, options)) {
    batches++;
    batch.dispose();
  }
  return batches;
}

describe("the length of a stream", () => {
  test("is what was given; without it there is none, and schedules cannot be made", async () => {
    const loader = loaderOf([pair(1)], { length: 4 });
    assert.deepEqual([loader.length, loader.batchSizes()], [4, [null, null, null, null]]);
    const without = loaderOf([pair(1)]);
    assert.throws(
      () => without.length,
      /\[StreamDataLoader s\/train\] expected a number for length, got null. Say how many batches/,
    );
    assert.equal(await read([pair(1)]), 1);
  });

  test("is an error where the source ends before", async () => {
    const short =
      /\[StreamDataLoader s\/train\] expected 3 batches, as its length says, for the source, got 2/;
    await assert.rejects(read([pair(1), pair(2)], { length: 3 }), short);
    const rows = [1, 2, 3, 4, 5].map((i) => pair(i));
    await assert.rejects(read(rows, { length: 3, batchSize: 2, dropLast: true }), short);
    assert.equal(await read(rows, { length: 3, batchSize: 2 }), 3);
    assert.equal(await read(rows, { length: 2, batchSize: 2, dropLast: true }), 2);
    assert.equal(await read([], { length: 0 }), 0);
  });

  test("ends a source that goes on, with one warning", async () => {
    const warnings: string[] = [];
    const listen = ({ message }: Error) => warnings.push(message);
    process.on("warning", listen);
    let closed = 0;
    const loader = loaderOf(
      async function* () {
        try {
          for (;;) yield pair(1);
        } finally {
          closed++;
        }
      },
      { length: 2 },
    );
    for (let pass = 1; pass <= 2; pass++) {
      let batches = 0;
      for await (const _ of loader) batches++;
      await setImmediate();
      assert.deepEqual([batches, closed], [2, pass]);
    }
    process.off("warning", listen);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /s\/train\] the source has more than the 2 batches of its length/);
  });
});

describe("a source that is wrong", () => {
  test("may fail: the error says where, and carries the source's own", async () => {
    const own = new Error("connection lost");
    async function* source() {
      yield pair(1);
      throw own;
    }
    await assert.rejects(read(source, { prefetch: 3 }), (error: Error) => {
      assert.match(
        error.message,
        /\[StreamDataLoader s\/train\] the source failed at item 2: connection lost/,
      );
      assert.equal(error.cause, own);
      return true;
    });
    await assert.rejects(
      read(() => Promise.reject(own)),
      /failed at item 1: connection lost/,
    );
    await assert.rejects(
      read(() => [Promise.reject("no Error")]),
      /failed at item 1: no Error/,
    );
  });

  test("gives what is no pair, or is nothing to read from", async () => {
    for (const garbage of [1, null, undefined, "text", {}, [], [{}], [[], {}], new Map()]) {
      let isClosed = false;
      const source = function* () {
        try {
          yield garbage;
        } finally {
          isClosed = true;
        }
      };
      await assert.rejects(read(source), /expected a pair \[xDict, yDict\] for item 1 of source/);
      await setImmediate();
      assert.equal(isClosed, true);
    }
    for (const garbage of [1, null, undefined, {}]) {
      await assert.rejects(
        read(() => garbage),
        /an iterable or an async iterable for what source returns/,
      );
    }
  });

  test("gives labels that are none, unnamed, or of different lengths", async () => {
    const x = { v: tensor([1, 2]) };
    await assert.rejects(read([[x, { y: [1, 2] }]]), /expected a Tensor for label "y"/);
    await assert.rejects(
      read([[x, { why: tensor([1, 2]) }]]),
      /a label of a batch to be one of \["y"\], got "why"/,
    );
    await assert.rejects(
      read([[x, {}]]),
      /expected label "y", one of labelNames, for a batch, got .* Give -1 where there is no label/,
    );
    await assert.rejects(
      read([[{}, { y: tensor([1]), z: tensor([1, 2]) }]], { labelNames: ["y", "z"] }),
      /expected 1 rows, as label "y" has, for label "z" of a batch, got 2/,
    );
    await assert.rejects(
      read([[{}, { y: tensor(1) }]]),
      /a dimension of examples for "y" of a batch, got "shape \[\]".*say how many make a batch by `batchSize`/,
    );
    await assert.rejects(
      read([[{ n: 1 }, {}]], { labelNames: [] }),
      /expected tensors or arrays for the fields of a batch/,
    );
  });

  test("leaves nothing behind that the loader owns", async () => {
    const before = await collectedMemory();
    const failing = async function* () {
      yield pair(1);
      yield pair(2);
      throw new Error("lost");
    };
    for (const options of [{ batchSize: 3 }, { batchSize: 1 }, {}, { shuffleBuffer: 9, batchSize: 2 }]) {
      await assert.rejects(read(failing, { ownsTensors: true, ...options }), /lost/);
      const odd = () => [[{}, { other: tensor([1]) }]];
      await assert.rejects(read(odd, { ownsTensors: true, ...options }), /got "other"/);
      await setImmediate();
      assert.deepEqual(memory(), before, JSON.stringify(options));
    }
  });
});

test("a stream cannot be read without waiting", async () => {
  const scheduler = createBatchScheduler("sequential");
  const loader = loaderOf([pair(1)], { length: 1 });
  assert.throws(() => [...scheduler.getBatches([loader])], /got a Promise. Use `for await .* with a stream/);
  await setImmediate();
});

test("options are checked", () => {
  const make = (options: object) => () => loaderOf([], options);
  assert.throws(make({ name: 1 }), /\[StreamDataLoader\] expected a string for name, got 1/);
  assert.throws(make({ split: undefined }), /expected a string for split, got undefined/);
  assert.throws(make({ labelNames: "y" }), /an array of names for labelNames/);
  assert.throws(make({ labelNames: [1] }), /an array of names for labelNames/);
  assert.throws(make({ source: [] }), /a function for source/);
  assert.throws(make({ collate: 1, batchSize: 1 }), /a function for collate/);
  assert.throws(make({ batchSize: 0 }), /an integer at least 1 for batchSize/);
  assert.throws(
    make({ dropLast: true }),
    /a number, as `collate` and `dropLast` need, for batchSize, got null/,
  );
  assert.throws(make({ collate: () => [{}, {}] }), /for batchSize, got null/);
  assert.throws(make({ length: -1 }), /at least 0 for length/);
  assert.throws(make({ prefetch: 1.5 }), /an integer at least 0 for prefetch/);
  assert.throws(make({ shuffleBuffer: -1 }), /at least 0 for shuffleBuffer/);
  assert.throws(make({ ownsTensors: 1 }), /a boolean for ownsTensors/);
  assert.throws(make({ generator: 1 }), /torch.Generator or null/);
  assert.throws(make({ lenght: 1 }), /Did you mean "length"\?/);
});
