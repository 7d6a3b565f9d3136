import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { goldenPath, readRecords, zipped } from "./archives.ts";

/** A folder of the process's own, removed when its tests end. */
export const folder = mkdtempSync(join(tmpdir(), "torchscript-"));
after(() => rmSync(folder, { recursive: true }));

let files = 0;

export function write(bytes: Uint8Array): string {
  const path = join(folder, `${files++}.pt`);
  writeFileSync(path, bytes);
  return path;
}

/** A golden file with some records changed: by their names without the folder; null leaves one out. */
export async function changed(
  name: string,
  changes: Record<string, string | Uint8Array | null>,
): Promise<string> {
  const records = await readRecords(goldenPath(name));
  for (const [record, content] of Object.entries(changes)) {
    const full = `${name}/${record}`;
    if (content === null) records.delete(full);
    else records.set(full, Buffer.from(content));
  }
  return write(await zipped(records));
}
