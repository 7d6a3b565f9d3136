import assert from "node:assert/strict";
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { test } from "node:test";
import { DictDataLoader, DictDataset } from "../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task } from "../../lib/model/index.ts";
import { fromFile, nn, slice, zeros } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { newPath } from "./safetensors-files.ts";

const [rows, columns] = [2 ** 17, 2 ** 10];
const megabyte = 2 ** 20;

/** A .npy file of zeros that takes hardly any room on the disk. */
function sparseFile(): `${string}.npy` {
  const path = `${newPath()}.npy` as const;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`.padEnd(117);
  const start = Buffer.from(`\x93NUMPY\x01\0\x76\0${text}\n`, "latin1");
  const file = openSync(path, "w");
  writeSync(file, start);
  ftruncateSync(file, start.length + rows * columns * 4);
  closeSync(file);
  return path;
}

test("a model trains on rows of a file of 512 MB in a small part of that memory", async () => {
  const path = sparseFile();
  globalThis.gc?.();
  const before = process.memoryUsage();
  const mapped = await fromFile(path);
  assert.deepEqual(mapped.shape, [rows, columns]);
  const x = mapped.index(slice(null, null, 256));
  const yDict = { task: zeros([rows / 256], { dtype: "int64" }) };
  const dataset = new DictDataset({ name: "zeros", split: "train", xDict: { x }, yDict });
  const task = new Task({
    name: "task",
    modulePool: { head: new nn.Linear(columns, 2) },
    opSequence: [new Operation({ moduleName: "head", inputs: [["_input_", "x"]] })],
  });
  const model = new MultitaskClassifier([task], { device: "cpu" });
  const loader = new DictDataLoader(dataset, { batchSize: 16, shuffle: true });
  const history = await new Trainer({ progressBar: false }).fit(model, [loader]);
  assert.equal(history.batches, rows / 256 / 16);
  const after = process.memoryUsage();
  const grown = (after.rss - before.rss) / megabyte;
  assert.ok(grown < 128, `${grown} MB more resident`);
  assert.ok(after.external - before.external < 64 * megabyte, "V8 is not told of the file");
});
