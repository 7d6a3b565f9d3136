import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import golden from "../goldens/serialization.json" with { type: "json" };

/** A folder of the test file's own, removed when it ends. */
export const folder = mkdtempSync(join(tmpdir(), "serialization-"));
after(() => rmSync(folder, { recursive: true }));

/** A file that Python's safetensors wrote. */
export const goldenBytes = Buffer.from(golden.file, "base64");

export function newPath(): string {
  return join(mkdtempSync(join(folder, "case-")), "a.safetensors");
}

/** A file with that header and that many bytes of data. */
export function fileWith(header: string, dataBytes: number): string {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = newPath();
  writeFileSync(path, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
  return path;
}
