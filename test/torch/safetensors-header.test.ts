import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { truncateSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { tensor } from "../../lib/torch/creation.ts";
import { memory } from "../../lib/torch/memory.ts";
import { loadSafetensors, readSafetensorsHeader, saveSafetensors } from "../../lib/torch/serialization.ts";
import { fileWith, goldenBytes, newPath } from "./safetensors-files.ts";

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
