import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fromBufferPromise } from "yauzl";
import { ZipFile } from "yazl";

/** Where scripts/goldens/torchscript.py wrote its files. */
export const goldenFolder = join(import.meta.dirname, "../../goldens/torchscript");

export const goldenPath = (name: string): string => join(goldenFolder, `${name}.pt`);

/** The records of a file by their full names, in order. */
export async function readRecords(path: string): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(readFileSync(path), { lazyEntries: true });
  const records = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry())
    records.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  return records;
}

/** An archive of those records, whose checksums are right. */
export async function zipped(
  records: Iterable<readonly [string, Uint8Array]>,
  options: { compress?: boolean } = {},
): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of records)
    zip.addBuffer(Buffer.from(content), name, { compress: options.compress ?? false });
  zip.end();
  return buffer(zip.outputStream);
}
