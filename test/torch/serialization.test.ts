import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { tensor } from "../../lib/torch/creation.ts";
import type { Dtype } from "../../lib/torch/dtype.ts";
import { memory } from "../../lib/torch/memory.ts";
import { operator } from "../../lib/torch/operators.ts";
import { loadSafetensors, readSafetensorsHeader, saveSafetensors } from "../../lib/torch/serialization.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";
import golden from "../goldens/serialization.json" with { type: "json" };

const view = operator("view", ["aten::view"]);
const transpose = operator("transpose", ["aten::transpose.int"]);
const narrow = operator("narrow", ["aten::narrow"]);

const folder = mkdtempSync(join(tmpdir(), "serialization-"));
after(() => rmSync(folder, { recursive: true }));
const goldenBytes = Buffer.from(golden.file, "base64");

function newPath(): string {
  return join(mkdtempSync(join(folder, "case-")), "a.safetensors");
}

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

/** A file with that header and that many bytes of data. */
function fileWith(header: string, dataBytes: number): string {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = newPath();
  writeFileSync(path, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
  return path;
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

describe("readSafetensorsHeader", () => {
  it("gives dtypes, shapes, places and metadata", async () => {
    const path = newPath();
    await saveSafetensors(path, { b: tensor([1, 2]), a: tensor([true]) }, { format: "pt", "": "é" });
    assert.deepEqual(await readSafetensorsHeader(path), {
      metadata: { format: "pt", "": "é" },
      tensors: {
        b: { dtype: "float32", shape: [2], dataOffsets: [0, 8] },
        a: { dtype: "bool", shape: [1], dataOffsets: [8, 9] },
      },
    });
    await saveSafetensors(path, {});
    assert.deepEqual(await readSafetensorsHeader(path), { metadata: null, tensors: {} });
  });
});

describe("a damaged safetensors file", () => {
  const entry = (parts: object) =>
    JSON.stringify({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...parts } });
  const pair = (first: number[], second: number[]) =>
    `{"a":{"dtype":"I8","shape":[4],"data_offsets":[${first}]},"b":{"dtype":"I8","shape":[4],"data_offsets":[${second}]}}`;
  const cases: [what: string, header: string, dataBytes: number, message: RegExp][] = [
    ["is no JSON", "{", 0, /JSON in UTF-8 for the header/],
    ["nests without end", "[".repeat(1e6), 0, /JSON in UTF-8 for the header/],
    ["has an array for a header", "[]", 0, /an object for the header, got an array/],
    ["has null for a header", "null", 0, /an object for the header, got null/],
    ["repeats a tensor", `${entry({}).slice(0, -1)},${entry({}).slice(1)}`, 8, /every key once .* got "a"/],
    ["repeats an escaped key", '{"__metadata__":{"a":"","\\u0061":""}}', 0, /every key once .* got "a"/],
    ["has a number for a tensor", '{"a":1}', 0, /an object for the description of "a", got 1/],
    [
      "has an unknown dtype",
      entry({ dtype: "F8_E4M3" }),
      8,
      /the dtype of "a" to be one of .* got "F8_E4M3"/,
    ],
    ["has a number for a dtype", entry({ dtype: 3 }), 8, /a string for the dtype of "a", got 3/],
    ["has no shape", entry({ shape: undefined }), 8, /the shape of "a", got undefined/],
    ["has a negative size", entry({ shape: [-2] }), 8, /whole numbers of at least 0 for the shape of "a"/],
    ["has a fraction for a size", entry({ shape: [0.5] }), 8, /whole numbers of at least 0 for the shape/],
    ["has sizes past counting", entry({ shape: [2 ** 40, 2 ** 40] }), 8, /sizes that can be multiplied/],
    ["hides such sizes behind 0", entry({ shape: [0, 2 ** 40, 2 ** 40] }), 8, /sizes that can be multiplied/],
    [
      "claims more than the file has",
      entry({ shape: [2 ** 40], data_offsets: [0, 2 ** 42] }),
      8,
      /bytes after the header for the file, got 8/,
    ],
    ["has too few bytes for the shape", entry({ shape: [3] }), 8, /12 bytes \(3 elements of F32\) .* got 8/],
    [
      "has three offsets",
      entry({ data_offsets: [0, 8, 8] }),
      8,
      /two whole numbers .* for the data_offsets of "a"/,
    ],
    ["ends before it starts", entry({ data_offsets: [8, 0] }), 8, /got -8/],
    [
      "starts with a hole",
      pair([4, 8], [8, 12]),
      12,
      /0 \(where the tensor before it ends\) for the start of "a", got 4/,
    ],
    ["has a hole", pair([0, 4], [8, 12]), 12, /4 \(where .* for the start of "b", got 8/],
    ["has an overlap", pair([0, 4], [2, 6]), 6, /4 \(where .* for the start of "b", got 2/],
    ["uses bytes twice", pair([0, 4], [0, 4]), 4, /4 \(where .* for the start of "b", got 0/],
    ["has bytes that are no tensor's", entry({}), 9, /8 bytes after the header for the file, got 9/],
    ["lacks a byte", entry({}), 7, /8 bytes after the header for the file, got 7/],
    ["has metadata that is no string", '{"__metadata__":{"a":1}}', 0, /a string for metadata "a", got 1/],
    ["has null for metadata", '{"__metadata__":null}', 0, /an object of strings for the metadata, got null/],
  ];
  for (const [what, header, dataBytes, message] of cases) {
    it(`that ${what} is refused`, async () => {
      const path = fileWith(header, dataBytes);
      await assert.rejects(loadSafetensors(path), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`[safetensors ${path}] `));
        return true;
      });
    });
  }

  it("that is not UTF-8 is refused", async () => {
    const path = newPath();
    writeFileSync(
      path,
      Buffer.concat([Buffer.of(5, 0, 0, 0, 0, 0, 0, 0), Buffer.from('{"\xff":1}', "latin1")]),
    );
    await assert.rejects(loadSafetensors(path), /JSON in UTF-8/);
  });

  it("may name a tensor as JavaScript names prototypes", async () => {
    const path = fileWith('{"__proto__":{"dtype":"I8","shape":[],"data_offsets":[0,1]}}', 1);
    const loaded = await loadSafetensors(path);
    assert.deepEqual(Object.keys(loaded), ["__proto__"]);
    assert.equal(Object.getPrototypeOf(loaded), Object.prototype);
  });

  it("whose header has a false length is refused before memory is taken", async () => {
    for (const length of [2n ** 64n - 1n, 2n ** 53n, 100_000_001n, BigInt(goldenBytes.length - 7)]) {
      const bytes = Buffer.from(goldenBytes);
      bytes.writeBigUInt64LE(length);
      const path = newPath();
      writeFileSync(path, bytes);
      await assert.rejects(loadSafetensors(path), /at most \d+ for the length of the header/);
    }
  });

  it("with a header past 100 MB is refused, though the file is as long", {
    skip: process.platform === "win32",
  }, async () => {
    const path = fileWith("{}", 0);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(100_000_001n);
    writeFileSync(path, length);
    truncateSync(path, 200_000_000);
    await assert.rejects(loadSafetensors(path), /at most 100000000 for the length of the header/);
  });

  it("is refused wherever it was cut off", async () => {
    const path = newPath();
    const headerEnd = 8 + Number(goldenBytes.readBigUInt64LE());
    for (let length = 0; length < goldenBytes.length; length += length < 16 ? 1 : 37) {
      writeFileSync(path, goldenBytes.subarray(0, length));
      await assert.rejects(
        loadSafetensors(path),
        (error: Error) => error.message.includes(path),
        `${length}`,
      );
    }
    writeFileSync(path, goldenBytes.subarray(0, headerEnd));
    await assert.rejects(loadSafetensors(path), /bytes after the header/);
  });

  it("of 200 with flipped bits gives an error that names it, or tensors that fit it", async () => {
    const path = newPath();
    const headerEnd = 8 + Number(goldenBytes.readBigUInt64LE());
    let refused = 0;
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(goldenBytes);
      const random = createHash("sha256").update(`round ${round}`).digest();
      for (let flip = 0; flip <= round % 3; flip++) {
        const position = random.readUInt32LE(4 * flip) % headerEnd;
        bytes[position] = (bytes[position] ?? 0) ^ (1 << (random.readUInt8(16 + flip) % 8));
      }
      writeFileSync(path, bytes);
      const before = memory().tensors;
      try {
        const loaded = await loadSafetensors(path);
        for (const one of Object.values(loaded)) one.dispose();
      } catch (error) {
        assert.ok(error instanceof Error && error.message.includes(path), String(error));
        refused++;
      }
      // At most: the collector may take others away meanwhile.
      assert.ok(memory().tensors <= before);
    }
    // Flips inside a name, and in the padding, leave a file that is as good as another.
    assert.ok(refused > 120, `${refused} of 200`);
  });
});
