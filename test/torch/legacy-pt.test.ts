import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { load, memory, type Tensor } from "../../lib/torch/index.ts";
import { collectedMemory } from "../collected-memory.ts";
import { goldenPath, newPath, pickle, storage, tensorOn, text, whole } from "./pt-files.ts";

const magic = pickle("\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
const version = pickle("M\xe9\x03");
const system = pickle("}", text("little_endian"), "\x88s");
const two = pickle(tensorOn(storage("FloatStorage", "0", 2).replace("tQ", "NtQ"), 0, [2], [1]));
const keys = pickle("]", text("0"), "a");

function elements(count: number, ...values: number[]): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigInt64LE(BigInt(count));
  return Buffer.concat([size, Buffer.from(Float32Array.from(values).buffer)]);
}

async function loadParts(...parts: Buffer[]): Promise<unknown> {
  const path = newPath("a.pt");
  writeFileSync(path, Buffer.concat(parts));
  return load(path);
}

describe("a file from before PyTorch 1.6", () => {
  it("is read", async () => {
    const loaded = (await loadParts(magic, version, system, two, keys, elements(2, 3, 4))) as Tensor;
    assert.deepEqual(loaded.tolist(), [3, 4]);
    loaded.dispose();
  });

  it("may have pickles that are longer than what is read at first", async () => {
    const long = pickle(
      "]",
      "X\0\0\x30\0",
      "a".repeat(3 * 2 ** 20),
      "a",
      two.subarray(2, -1).toString("latin1"),
      "a",
    );
    const before = (await collectedMemory()).tensors;
    const [, tensor] = (await loadParts(magic, version, system, long, keys, elements(2, 3, 4))) as [
      string,
      Tensor,
    ];
    assert.deepEqual(tensor.tolist(), [3, 4]);
    assert.equal(memory().tensors, before + 1);
  });

  const big = pickle("}", text("little_endian"), "\x89s");
  const view = pickle(storage("FloatStorage", "0", 2).replace("tQ", "(tNtQ".replace("N", "")));
  const all = elements(2, 3, 4);
  const refused: [what: string, parts: Buffer[], message: RegExp][] = [
    ["is another pickle", [pickle("K\x01")], /a file of torch.save for the file, got "another pickle"/],
    ["is of another version", [magic, pickle("K\x01")], /1001 for the protocol version, got 1/],
    ["is of a big-endian machine", [magic, version, big], /a little-endian machine for the file's origin/],
    ["has views of storages", [magic, version, system, view], /no view of another for byte \d+ of the file/],
    ["lacks a key", [magic, version, system, two, pickle("]"), all], /the keys of 1 storages/],
    [
      "has another key",
      [magic, version, system, two, pickle("]", text("1"), "a")],
      /the key of a storage .* "1"/,
    ],
    [
      "has no list of keys",
      [magic, version, system, two, pickle("N"), all],
      /the keys of 1 storages .* got null/,
    ],
    [
      "has another size",
      [magic, version, system, two, keys, elements(3, 3, 4)],
      /2 for the size of storage "0" at/,
    ],
    ["is too short", [magic, version, system, two, keys, elements(2, 3)], /16 bytes|or more for the file/],
    ["is too long", [magic, version, system, two, keys, all, Buffer.of(0)], /bytes for the file, got/],
    [
      "holds a function",
      [magic, version, system, pickle("cos\nsystem\n")],
      /byte \d+ of the file, got "os.system"/,
    ],
    [
      "claims more than it has",
      [magic, version, system, pickle(storage("FloatStorage", "0", 2 ** 30)), keys],
      /at most the file's \d+ bytes in storages for byte \d+ of the file/,
    ],
    ["claims a long text", [magic, version, system, pickle("X\xff\xff\xff\xff")], /4294967295 bytes more/],
    [
      "has whole numbers for keys",
      [magic, version, system, two, pickle("]", whole(0), "a"), all],
      /the key of/,
    ],
  ];
  for (const [what, parts, message] of refused) {
    it(`that ${what} is refused`, async () => {
      const before = memory().tensors;
      await assert.rejects(loadParts(...parts), (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /^\[torch\.load .*a\.pt\] expected /);
        return true;
      });
      assert.ok(memory().tensors <= before);
    });
  }

  it("cut off anywhere is refused", async () => {
    const bytes = readFileSync(goldenPath("tensors_legacy.pt"));
    const path = newPath("a.pt");
    for (let length = 0; length < bytes.length; length += 37) {
      writeFileSync(path, bytes.subarray(0, length));
      await assert.rejects(load(path), (error: Error) => error.message.includes(path));
    }
  });
});
