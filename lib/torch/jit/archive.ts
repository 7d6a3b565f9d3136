import { crc32, inflateRawSync } from "node:zlib";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { expected, messageOf } from "../../errors.ts";

/** The records of a file by their names, without the folder that all of them are in. */
export type Records = ReadonlyMap<string, Buffer>;

/** How large all compressed records together may become: code is compressed, tensors are not. */
const mostInflated = 2 ** 26;

const methods = { stored: 0, deflated: 8 };

/**
 * Reads the directory of a zip archive as LibTorch writes them, and compares every record with its checksum, which
 * LibTorch itself passes over. Stored records are views of the bytes.
 *
 * @throws TypeError naming `where` for bytes that are not a whole archive, or in which a record is damaged.
 */
export async function readArchive(where: string, bytes: Buffer): Promise<Records> {
  try {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true, strictFileNames: true });
    const records = new Map<string, Buffer>();
    const seen = new Set<string>();
    let folder: string | undefined;
    let [packed, inflated] = [0, 0];
    for await (const entry of zip.eachEntry()) {
      const { fileName, compressedSize, uncompressedSize } = entry;
      const slash = fileName.indexOf("/") + 1;
      folder ??= fileName.slice(0, slash);
      const name = fileName.slice(slash);
      const quoted = JSON.stringify(fileName);
      if (slash === 0 || name === "" || fileName.slice(0, slash) !== folder)
        throw new Error(`the record ${quoted} outside of the folder of all others`);
      // LibTorch looks records up without regard to case.
      if (seen.has(name.toLowerCase())) throw new Error(`the record ${quoted} twice`);
      seen.add(name.toLowerCase());
      packed += compressedSize;
      if (packed > bytes.length) throw new Error(`the record ${quoted} in the bytes of another`);
      if (entry.compressionMethod !== methods.stored) inflated += uncompressedSize;
      if (inflated > mostInflated) throw new Error(`${inflated} bytes and more in compressed records`);
      records.set(name, await readRecord(zip, bytes, entry, name));
    }
    return records;
  } catch (error) {
    const reason = messageOf(error);
    throw new TypeError(`[${where}] expected a whole zip archive, got ${reason}`, { cause: error });
  }
}

async function readRecord(zip: ZipFile, bytes: Buffer, entry: Entry, name: string): Promise<Buffer> {
  const quoted = JSON.stringify(name);
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  const isStored = compressionMethod === methods.stored && compressedSize === uncompressedSize;
  if (entry.isEncrypted() || (!isStored && compressionMethod !== methods.deflated))
    throw new Error(`the record ${quoted} in a form that LibTorch does not write`);
  const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const end = start + compressedSize;
  if (end > bytes.length) throw new Error(`the record ${quoted} beyond the end of the file`);
  const stored = bytes.subarray(start, end);
  const content = isStored
    ? stored
    : inflateRawSync(stored, { maxOutputLength: Math.max(uncompressedSize, 1) });
  if (content.length !== uncompressedSize || crc32(content) !== entry.crc32)
    throw new Error(`the record ${quoted} damaged: its checksum differs`);
  return content;
}

/** A record that must be there. */
export function record(where: string, records: Records, name: string, remedy?: string): Buffer {
  const found = records.get(name);
  if (found === undefined) throw expected(where, `a record ${name}`, "the file", [...records.keys()], remedy);
  return found;
}
