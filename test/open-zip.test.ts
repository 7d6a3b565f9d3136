import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { describeFile } from "../lib/inspect/index.ts";
import { extractLibTorch } from "../lib/libtorch/extract.ts";
import { load, loadNpz } from "../lib/torch/index.ts";

const folder = mkdtempSync(join(tmpdir(), "zip-"));
after(() => rmSync(folder, { recursive: true }));

/** An empty archive with a zip64 record, which is said to lie at a position. */
function archive(position: bigint): Buffer {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(position, 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.fill(0xff, 8, 20);
  return Buffer.concat([Buffer.from("PK\x03\x04"), record, locator, end]);
}

const readers = {
  "torch.load": (path: string) => load(path),
  "torch.loadNpz": (path: string) => loadNpz(path),
  info: (path: string) => describeFile(path),
  "the installation": (path: string) => extractLibTorch(path, join(folder, "out")),
};
for (const [name, read] of Object.entries(readers)) {
  test(`an archive that refers to what lies outside of it is an error of ${name}, and ends no process`, async () => {
    for (const position of [1000n, 2n ** 53n, 2n ** 61n, 2n ** 64n - 1n]) {
      const path = join(folder, `${position}.zip`);
      writeFileSync(path, archive(position));
      await assert.rejects(
        read(path),
        /^(Error|LibTorchFetchError): \[.*it refers to byte \d+, outside of its 102/,
      );
    }
  });
}
