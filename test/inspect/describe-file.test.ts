import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { torch } from "../../lib/index.ts";
import { describeFile, type FileDescription, type PtDescription } from "../../lib/inspect/index.ts";
import { TensorBoardWriter } from "../../lib/logging/tensorboard-writer.ts";
import { elementCount, itemSizes } from "../../lib/torch/safetensors-header.ts";
import { archiveOf, goldenPath, newPath, pickle, text, whole } from "../torch/pt-files.ts";

const { nn, optim, Tensor } = torch;

/** What a description and loaded tensors have in common. */
function facts(tensors: readonly { name: string; dtype: string; shape: readonly number[] }[]): string[] {
  return tensors.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape}]`).sort();
}

function tensorsIn(value: unknown, name = ""): { name: string; dtype: string; shape: number[] }[] {
  if (value instanceof Tensor) return [{ name, dtype: value.dtype, shape: value.shape }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    tensorsIn(item, name === "" ? key : `${name}.${key}`),
  );
}

async function describe<F extends FileDescription["format"]>(path: string, format: F) {
  const description = await describeFile(path);
  assert.equal(description.format, format);
  return description as Extract<FileDescription, { format: F }>;
}

const files = readdirSync(dirname(goldenPath("expected.json")));

for (const name of files.filter((file) => /\.(pt|pth)$/.test(file) && !file.startsWith("refused"))) {
  test(`${name} of Python is described as torch.load loads it`, async () => {
    const { tensors } = await describe(goldenPath(name), "torch.save");
    const loaded = tensorsIn(await torch.load(goldenPath(name)));
    assert.deepEqual(facts(tensors), facts(loaded));
    for (const { dtype, shape, bytes } of tensors)
      assert.equal(bytes, elementCount(shape) * itemSizes[dtype as keyof typeof itemSizes]);
  });
}

test("the values in a file of Python are given by their places", async () => {
  const { values } = await describe(goldenPath("values.pt"), "torch.save");
  const loaded = (await torch.load(goldenPath("values.pt"))) as Record<string, unknown>;
  const byName = new Map(values.map(({ name, value }) => [name, value]));
  for (const [name, value] of Object.entries(loaded)) {
    if (typeof value !== "object" || value === null) assert.deepEqual(byName.get(name), value, name);
  }
  assert.ok(byName.size >= Object.keys(loaded).length);
});

for (const name of files.filter((file) => file.startsWith("refused"))) {
  test(`${name} is not described: what is wrong with it is said`, async () => {
    if (name === "refused_script.pt")
      assert.equal((await describeFile(goldenPath(name))).format, "TorchScript");
    else await assert.rejects(describeFile(goldenPath(name)), /^(Type)?Error: \[info \S+\] expected /);
  });
}

test("arrays of NumPy are described by their headers", async () => {
  for (const name of ["arrays.npz", "compressed.npz"]) {
    const { tensors } = await describe(goldenPath(name), "npz");
    assert.deepEqual(facts(tensors), facts(tensorsIn(await torch.loadNpz(goldenPath(name)))));
  }
  const { tensors } = await describe(goldenPath("version_2.npy"), "npy");
  const loaded = await torch.loadNpy(goldenPath("version_2.npy"));
  assert.deepEqual(facts(tensors), facts(tensorsIn(loaded, "array")));
});

test("a checkpoint with an optimizer is described with its values and its parameters", async () => {
  const path = newPath("checkpoint.pt");
  const model = new nn.Linear(4, 2);
  const optimizer = new optim.Adam(model.parameters());
  model
    .forward(torch.ones([3, 4]))
    .sum()
    .backward();
  optimizer.step();
  await torch.save(
    {
      epoch: 3,
      big: 2n ** 60n,
      model: model.stateDict(),
      weight: model.weight,
      optimizer: optimizer.stateDict(),
    },
    path,
  );
  const { tensors, values, storageBytes } = await describe(path, "torch.save");
  assert.deepEqual(values.slice(0, 2), [
    { name: "epoch", value: 3 },
    { name: "big", value: 2n ** 60n },
  ]);
  assert.deepEqual(values.find(({ name }) => name === "optimizer.param_groups.0.betas")?.value, [0.9, 0.999]);
  const weight = tensors.find(({ name }) => name === "weight");
  const shared = tensors.find(({ name }) => name === "model.weight");
  assert.deepEqual(
    [weight?.isParameter, weight?.requiresGrad, weight?.bytes, weight?.device],
    [true, true, 32, "cpu"],
  );
  assert.equal(weight?.storage, shared?.storage);
  assert.ok(tensors.some(({ name }) => name === "optimizer.state.1.exp_avg_sq"));
  const all = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  assert.equal(storageBytes, all - 32);
});

test("a view is described with the storage that it is part of", async () => {
  const path = newPath("view.pt");
  await torch.save(torch.zeros([10, 10]).select(1, 3), path);
  const { tensors, storageBytes } = await describe(path, "torch.save");
  const [{ name, shape, stride, offset, bytes, storageBytes: whole } = {} as never] =
    tensors as PtDescription["tensors"];
  assert.deepEqual([name, shape, stride, offset, bytes, whole], ["", [10], [10], 3, 40, 400]);
  assert.equal(storageBytes, 400);
});

test("a program of TorchScript is described by its records", async () => {
  const { records } = await describe(
    join(dirname(goldenPath("x")), "../torchscript/trunk.pt"),
    "TorchScript",
  );
  assert.ok(records.some(({ name }) => name === "data.pkl"));
  assert.ok(records.some(({ name, bytes }) => name.startsWith("code/") && bytes > 0));
});

test("safetensors: names in the file's order, metadata, shards", async () => {
  const tensors = { b: torch.zeros([2, 3]), a: torch.zeros([5]).to("int64") };
  const path = newPath("model.safetensors");
  await torch.saveSafetensors(path, tensors, { format: "pt" });
  const single = await describe(path, "safetensors");
  assert.deepEqual(single.tensors, [
    { name: "a", dtype: "int64", shape: [5], bytes: 40 },
    { name: "b", dtype: "float32", shape: [2, 3], bytes: 24 },
  ]);
  assert.deepEqual([single.metadata, single.shards, single.training], [{ format: "pt" }, null, null]);

  const index = newPath("model.safetensors.index.json");
  await torch.saveSafetensors(index, tensors, undefined, { maxShardBytes: 30 });
  const sharded = await describe(index, "safetensors");
  assert.deepEqual(facts(sharded.tensors), facts(single.tensors));
  assert.equal(sharded.shards?.length, 2);
  writeFileSync(index, JSON.stringify({ weight_map: { c: sharded.shards?.[0] } }));
  await assert.rejects(describeFile(index), /expected a tensor "c" for the file/);
});

test("safetensors: dtypes that are not loaded are described too", async () => {
  const path = newPath("float8.safetensors");
  const header = JSON.stringify({
    scale: { dtype: "U32", shape: [2], data_offsets: [0, 8] },
    weight: { dtype: "F8_E4M3", shape: [3, 2], data_offsets: [8, 14] },
    packed: { dtype: "F4", shape: [4], data_offsets: [14, 16] },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([length, Buffer.from(header), Buffer.alloc(16)]));
  const { tensors } = await describe(path, "safetensors");
  assert.deepEqual(facts(tensors), [
    "packed float4_e2m1 [4]",
    "scale uint32 [2]",
    "weight float8_e4m3fn [3,2]",
  ]);
  assert.deepEqual(
    tensors.map(({ bytes }) => bytes),
    [8, 6, 2],
  );
  await assert.rejects(torch.loadSafetensors(path), /expected the dtype of "scale" to be one of/);
});

test("event files: the number, steps, first and last value of each tag", async () => {
  const folder = dirname(newPath("x"));
  const writer = new TensorBoardWriter({ logDir: folder, runName: "run" });
  for (const step of [0, 10, 20]) writer.addScalar("loss", 1 / (1 + step), step);
  writer.addScalar("lr", 0.5, 2 ** 40);
  await writer.flush();
  const name = readdirSync(join(folder, "run")).find((file) => file.startsWith("events")) ?? "";
  const path = join(folder, "run", name);
  const { events, series, writer: by, unread, fileVersion } = await describe(path, "TensorBoard events");
  assert.deepEqual([events, by, unread, fileVersion], [5, "snorkel-torch", 0, "brain.Event:2"]);
  assert.deepEqual(series, [
    {
      tag: "loss",
      plugin: "scalars",
      firstStep: 0,
      first: 1,
      count: 3,
      lastStep: 20,
      last: Math.fround(1 / 21),
    },
    { tag: "lr", plugin: "scalars", firstStep: 2 ** 40, first: 0.5, count: 1, lastStep: 2 ** 40, last: 0.5 },
  ]);

  const whole = readFileSync(path);
  truncateSync(path, whole.length - 5);
  const cut = await describe(path, "TensorBoard events");
  assert.deepEqual([cut.events, cut.unread > 0, cut.series.length], [4, true, 1]);
  const damaged = Buffer.from(whole);
  damaged.writeUInt8(damaged.readUInt8(60) ^ 1, 60);
  writeFileSync(path, damaged);
  await assert.rejects(
    describeFile(path),
    /expected to read the file, got a record at byte \d+ whose checksum is another's/,
  );
});

test("what a file refers to many times is described once", async () => {
  // [a, a] where a is [b, b] and so on: 2^40 lists, if each were gone through.
  const levels = Array.from(
    { length: 40 },
    (_, i) => `](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}`,
  );
  const bomb = await archiveOf({ "data.pkl": pickle("]q\0", ...levels) });
  const { values } = await describe(bomb, "torch.save");
  assert.ok(values.length < 100);
  assert.ok(values.some(({ value }) => /^as 0/.test(String(value))));
  const circle = await archiveOf({ "data.pkl": pickle("}q\0", text("self"), "h\0s") });
  assert.deepEqual((await describe(circle, "torch.save")).values, [{ name: "self", value: "as the whole" }]);
  const deep = await archiveOf({ "data.pkl": pickle("]".repeat(100_000), whole(7), "a".repeat(100_000)) });
  assert.equal((await describe(deep, "torch.save")).values.length, 1);
});

test("a file of another kind, an empty one, a folder and none say so", async () => {
  const path = newPath("notes.txt");
  writeFileSync(path, "These are notes.");
  await assert.rejects(
    describeFile(path),
    /expected a safetensors, PyTorch, NumPy or TensorBoard event file for the file, got/,
  );
  writeFileSync(path, "");
  await assert.rejects(describeFile(path), /expected a safetensors/);
  await assert.rejects(describeFile(join(path, "..", "none.pt")), /expected to read the file, got ENOENT/);
  const folder = newPath("folder");
  mkdirSync(folder);
  await assert.rejects(describeFile(folder), /expected to read the file, got EISDIR/);
  const cut = newPath("cut.safetensors");
  await torch.saveSafetensors(cut, { a: torch.zeros([8]) });
  appendFileSync(cut, "more");
  await assert.rejects(
    describeFile(cut),
    /\[safetensors \S+\] expected 32 bytes after the header for the file, got 36/,
  );
});
