import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { tensor } from "../../lib/torch/creation.ts";
import type { Dtype } from "../../lib/torch/dtype.ts";
import { memory } from "../../lib/torch/memory.ts";
import { operator } from "../../lib/torch/operators.ts";
import { loadSafetensors, saveSafetensors } from "../../lib/torch/serialization.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";
import golden from "../goldens/serialization.json" with { type: "json" };
import { fileWith, folder, goldenBytes, newPath } from "./safetensors-files.ts";

const view = operator("view", ["aten::view"]);
const transpose = operator("transpose", ["aten::transpose.int"]);
const narrow = operator("narrow", ["aten::narrow"]);

function goldenTensors(): Record<string, Tensor> {
  return Object.fromEntries(
    golden.tensors.map(({ name, values, dtype, shape }) => {
      const flat = tensor(Float64Array.from(values)).to(dtype as Dtype);
      return [name, view(flat, shape) as Tensor];
    }),
  );
}

function bufferOf(tensor: Tensor | undefined): ArrayBuffer {
  return (tensor?.toTypedArray().buffer ?? new ArrayBuffer()) as ArrayBuffer;
}

describe("saveSafetensors", () => {
  it("writes the very bytes of the official implementation", async () => {
    const path = newPath();
    await saveSafetensors(path, goldenTensors(), golden.metadata);
    assert.deepEqual(readFileSync(path), goldenBytes);
    await saveSafetensors(path, {});
    assert.deepEqual(readFileSync(path), Buffer.from(golden.empty, "base64"));
  });

  it("writes views and tensors that share memory each in row-major order", async () => {
    const base = view(tensor(Float32Array.from({ length: 6 }, (_, i) => i)), [2, 3]) as Tensor;
    const path = newPath();
    await saveSafetensors(path, {
      base: base.requiresGrad_(),
      again: base,
      turned: transpose(base, 0, 1) as Tensor,
      part: narrow(base, 1, 1, 2) as Tensor,
    });
    const loaded = await loadSafetensors(path);
    assert.deepEqual(loaded.base?.tolist(), [
      [0, 1, 2],
      [3, 4, 5],
    ]);
    assert.deepEqual(loaded.again?.tolist(), [
      [0, 1, 2],
      [3, 4, 5],
    ]);
    assert.deepEqual(loaded.turned?.tolist(), [
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    assert.deepEqual(loaded.part?.tolist(), [
      [1, 2],
      [4, 5],
    ]);
    assert.equal(loaded.base?.requiresGrad, false);
  });

  it("carries a tensor larger than one piece through, and leaves no tensors behind", async () => {
    const large = tensor(Float32Array.from({ length: 2 ** 24 + 3 }, (_, i) => i % 1021));
    const path = newPath();
    const before = memory().tensors;
    await saveSafetensors(path, { large });
    assert.ok(memory().tensors <= before);
    const loaded = await loadSafetensors(path);
    assert.ok(memory().tensors <= before + 1);
    assert.ok(Buffer.from(bufferOf(large)).equals(Buffer.from(bufferOf(loaded.large))));
    large.dispose();
    loaded.large?.dispose();
  });

  it("refuses what is no tensor, what the format cannot hold and metadata that is no string", async () => {
    const path = newPath();
    const one = tensor([1]);
    const save = (tensors: unknown, metadata?: unknown) =>
      saveSafetensors(path, tensors as Record<string, Tensor>, metadata as Record<string, string>);
    await assert.rejects(save([one]), /an object of tensors for tensors, got an array of 1/);
    await assert.rejects(save({ one, two: [2] }), /a Tensor that is not disposed for "two", got an array/);
    const gone = tensor([1]);
    gone.dispose();
    await assert.rejects(save({ one, gone }), /a Tensor that is not disposed for "gone"/);
    await assert.rejects(save({ __metadata__: one }), /a name that the format leaves free/);
    await assert.rejects(save({ one }, { epoch: 3 }), /a string for metadata "epoch", got 3 \(number\)/);
    await assert.rejects(save({ one }, "text"), /an object of strings for the metadata, got "text"/);
    assert.deepEqual(readdirSync(join(path, "..")), []);
  });

  it("leaves the old file where writing fails", async () => {
    const path = newPath();
    await saveSafetensors(path, { one: tensor([1]) });
    const old = readFileSync(path);
    const gone = tensor([2]).to({ device: "meta" });
    await assert.rejects(saveSafetensors(path, { first: tensor([1]), gone }));
    assert.deepEqual(readFileSync(path), old);
    assert.deepEqual(readdirSync(join(path, "..")), ["a.safetensors"]);
  });

  it("leaves the old file where the disk is full", async (context) => {
    const path = newPath();
    await saveSafetensors(path, { one: tensor([1]) });
    const old = readFileSync(path);
    const file = await open(path);
    const full = Object.assign(new Error("ENOSPC: no space left on device"), {
      code: "ENOSPC",
      syscall: "write",
    });
    const writeFile = context.mock.method(Object.getPrototypeOf(file), "writeFile");
    writeFile.mock.mockImplementationOnce(() => Promise.reject(full), 1);
    await file.close();
    await assert.rejects(saveSafetensors(path, { one: tensor([2]), two: tensor([3]) }), (error: Error) => {
      return error.message.includes("ENOSPC") && error.message.includes(path);
    });
    assert.equal(writeFile.mock.callCount(), 2);
    assert.deepEqual(readFileSync(path), old);
    assert.deepEqual(readdirSync(join(path, "..")), ["a.safetensors"]);
  });

  it("names a place that cannot be written", async () => {
    const path = newPath();
    mkdirSync(path);
    await assert.rejects(saveSafetensors(path, { one: tensor([1]) }), (error: Error) =>
      error.message.includes(path),
    );
    const below = join(newPath(), "b.safetensors");
    writeFileSync(join(below, ".."), "a file, not a folder");
    await assert.rejects(saveSafetensors(below, { one: tensor([1]) }), (error: Error) =>
      error.message.includes(below),
    );
  });
});

describe("loadSafetensors", () => {
  it("reads every dtype and shape that the official implementation wrote", async () => {
    const path = newPath();
    writeFileSync(path, goldenBytes);
    const loaded = await loadSafetensors(path, { device: "cpu" });
    assert.deepEqual(Object.keys(loaded).sort(), golden.tensors.map(({ name }) => name).sort());
    for (const { name, dtype, shape, values } of golden.tensors) {
      const one = loaded[name];
      assert.equal(one?.dtype, dtype);
      assert.deepEqual(one?.shape, shape);
      assert.deepEqual(Array.from(one?.toTypedArray() ?? [], Number), values);
    }
  });

  it("keeps bits that numbers do not tell apart", async () => {
    const bits = Uint32Array.of(0x7fc00001, 0xffc12345, 0x80000000, 1, 0x7f800000);
    const path = newPath();
    await saveSafetensors(path, { nan: tensor(new Float32Array(bits.buffer)) });
    const { nan } = await loadSafetensors(path);
    assert.deepEqual(new Uint32Array(bufferOf(nan)), bits);
    const integers = BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n);
    await saveSafetensors(path, { integers: tensor(integers) });
    assert.deepEqual((await loadSafetensors(path)).integers?.toTypedArray(), integers);
  });

  it("makes true of every byte of a bool that is not 0", async () => {
    const path = fileWith('{"a":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}}', 0);
    writeFileSync(path, Buffer.of(0, 1, 2, 255), { flag: "a" });
    assert.deepEqual([...((await loadSafetensors(path)).a?.toTypedArray() ?? [])], [0, 1, 1, 1]);
  });

  it("checks its options", async () => {
    await assert.rejects(loadSafetensors("a", { devise: "cpu" } as object), /Did you mean "device"/);
    await assert.rejects(loadSafetensors("a", { device: "cuda:99" }), /cuda/i);
  });

  it("names a file that is missing or is a folder", async () => {
    const missing = newPath();
    await assert.rejects(loadSafetensors(missing), (error: Error) => error.message.includes(missing));
    await assert.rejects(loadSafetensors(folder), (error: Error) => error.message.includes(folder));
  });
});
