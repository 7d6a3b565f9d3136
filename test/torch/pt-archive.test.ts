import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { deflateRawSync } from "node:zlib";
import { load, memory, ones, save, type Tensor } from "../../lib/torch/index.ts";
import { archiveOf, goldenPath, newPath, pickle, storage, tensorOn } from "./pt-files.ts";

const floats = (key: string, count: number) => tensorOn(storage("FloatStorage", key, count), 0, [count], [1]);
const three = { "data.pkl": pickle(floats("0", 3)), "data/0": Buffer.from(Float32Array.of(1, 2, 3).buffer) };

describe("an archive", () => {
  it("may be deflated, of zip64, and without a byte order", async () => {
    for (const options of [{}, { compress: true }, { forceZip64Format: true }]) {
      const loaded = (await load(await archiveOf(three, options))) as Tensor;
      assert.deepEqual(loaded.tolist(), [1, 2, 3]);
    }
  });

  it("may have a storage that ends with a part of an element", async () => {
    const entries = { ...three, "data/0": Buffer.concat([three["data/0"], Buffer.alloc(3)]) };
    assert.deepEqual(((await load(await archiveOf(entries))) as Tensor).tolist(), [1, 2, 3]);
  });

  it("makes true of every byte of a bool that is not 0", async () => {
    const bools = pickle(tensorOn(storage("BoolStorage", "0", 4), 0, [4], [1]));
    const loaded = await load(await archiveOf({ "data.pkl": bools, "data/0": Buffer.of(0, 1, 2, 255) }));
    assert.deepEqual([...(loaded as Tensor).toTypedArray()], [0, 1, 1, 1]);
  });

  const refused: [what: string, entries: Record<string, Buffer | string>, message: RegExp][] = [
    ["without a data.pkl", { version: "3" }, /one data.pkl in a folder for the archive, got "a\/version"/],
    ["of a big-endian machine", { ...three, byteorder: "big" }, /little for "a\/byteorder", got "big"/],
    [
      "of no byte order",
      { ...three, byteorder: "b".repeat(99) },
      /at most 16 bytes for "a\/byteorder", got 99/,
    ],
    ["of TorchScript", { ...three, "constants.pkl": "" }, /got "a TorchScript module".*torch.jit.load/],
  ];
  for (const [what, entries, message] of refused) {
    it(`${what} is refused`, async () => assert.rejects(load(await archiveOf(entries)), message));
  }

  it("whose elements were changed is refused by their checksum", async () => {
    const path = newPath("a.pt");
    await save({ one: ones([64]) }, path);
    const bytes = readFileSync(path);
    bytes.writeUInt8(2, bytes.indexOf(Buffer.from(Float32Array.of(1, 1, 1).buffer)) + 9);
    writeFileSync(path, bytes);
    const before = memory().tensors;
    await assert.rejects(load(path), /the checksum 0x\w{8} for "a\/data\/0", got "0x\w{8}"/);
    assert.ok(memory().tensors <= before);
  });

  it("with a name twice, or entries on the same bytes, is refused", async () => {
    const path = await archiveOf({ ...three, "data/1": "12" });
    const bytes = readFileSync(path);
    const directory = bytes.indexOf("PK\x01\x02");
    const twice = Buffer.from(bytes.toString("latin1").replaceAll("data/1", "data/0"), "latin1");
    writeFileSync(path, twice);
    await assert.rejects(load(path), /every name once for the archive, got "a\/data\/0"/);
    // Of each entry the directory says that it is as long as the file.
    const shared = Buffer.from(bytes);
    for (let at = directory; at >= 0; at = shared.indexOf("PK\x01\x02", at + 1)) {
      shared.writeUInt32LE(directory, at + 20);
      shared.writeUInt32LE(directory, at + 24);
    }
    writeFileSync(path, shared);
    await assert.rejects(load(path), /entries that share no bytes/);
  });

  it("that claims more than it has is refused before memory is taken", async () => {
    const path = await archiveOf(
      { "data.pkl": pickle(floats("0", 2 ** 29)), "data/0": "" },
      { compress: true },
    );
    const bytes = readFileSync(path);
    const directory = bytes.lastIndexOf("PK\x01\x02");
    for (const size of [2 ** 31, 1033 * bytes.readUInt32LE(directory + 20)]) {
      bytes.writeUInt32LE(size, directory + 24);
      writeFileSync(path, bytes);
      await assert.rejects(load(path), /at most \d+ bytes for "a\/data\/0", got \d+/);
    }
  });

  it("that inflates to more than it says is refused", async () => {
    const long = { "data.pkl": pickle(floats("0", 3)), "data/0": Buffer.alloc(2 ** 22) };
    const path = await archiveOf(long, { compress: true });
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(12, bytes.lastIndexOf("PK\x01\x02") + 24);
    writeFileSync(path, bytes);
    await assert.rejects(load(path), /too many bytes in the stream/);
  });

  it("that inflates to far more than its own size is refused", async () => {
    const count = 2 ** 25;
    const zeros = Buffer.alloc(4 * count);
    assert.ok(deflateRawSync(zeros).length * 1032 > zeros.length);
    const path = await archiveOf(
      { "data.pkl": pickle(floats("0", count)), "data/0": zeros },
      { compress: true },
    );
    await assert.rejects(load(path), /at most 67108864 bytes beyond the file's own for what is deflated/);
  });

  it("cut off anywhere is refused", async () => {
    const whole = readFileSync(goldenPath("snorkel.pth"));
    const path = newPath("a.pt");
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length));
      await assert.rejects(load(path), (error: Error) => error.message.includes(path));
    }
    copyFileSync(goldenPath("snorkel.pth"), path);
    await load(path);
  });
});
