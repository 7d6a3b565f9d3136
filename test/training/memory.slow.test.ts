import assert from "node:assert/strict";
import { test } from "node:test";
import { seedEverything } from "../../lib/data/index.ts";
import { memory, setNumThreads } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { pointsLoader, twoTaskModel } from "../model/models.ts";

const tasks = ["first", "second"];
const megabyte = 2 ** 20;

test("over 10,000 steps the live tensors and the resident memory stay flat", async () => {
  setNumThreads(1);
  seedEverything(0);
  const model = twoTaskModel();
  const loaders = [
    pointsLoader(tasks, { length: 400, shuffle: true }),
    pointsLoader(tasks, { split: "valid" }),
  ];
  const seen: { tensors: number; bytes: number; resident: number }[] = [];
  for (let round = 0; round < 20; round++) {
    await new Trainer({ progressBar: false, nEpochs: 10 }).fit(model, loaders);
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
    seen.push({ ...memory(), resident: process.memoryUsage().rss });
  }
  // The first half warms up: the allocator's arenas, LibTorch's thread pool, the compiled JavaScript.
  const [first, ...rest] = seen.slice(9);
  for (const { tensors, bytes, resident } of rest) {
    assert.equal(tensors, first?.tensors);
    assert.equal(bytes, first?.bytes);
    assert.ok(resident - (first?.resident ?? 0) < 16 * megabyte, JSON.stringify(seen));
  }
});
