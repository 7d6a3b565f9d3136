import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { expected } from "../errors.ts";
import { openZip } from "../open-zip.ts";

/** What deflate can make of one byte. */
const maxRatio = 1032;

const maxEntries = 2 ** 18;

/** One file inside of an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Its bytes once inflated, as the archive says. */
  readonly size: number;
  /** Its bytes, as many as `size` says. @throws TypeError where they are not, or their checksum differs. */
  chunks(): AsyncGenerator<Buffer>;
}

/**
 * Opens a zip archive and gives its entries by name. They lie in the archive's bytes without sharing any, and claim no
 * size that deflate could not reach.
 *
 * @throws TypeError or Error naming what is damaged.
 */
export async function readZip<T>(
  where: string,
  file: FileHandle,
  fileSize: number,
  read: (entries: ReadonlyMap<string, ZipEntry>) => Promise<T>,
): Promise<T> {
  const zip = await openZip(file, fileSize);
  if (zip.entryCount > maxEntries) {
    throw expected(where, `at most ${maxEntries} entries`, "the archive", zip.entryCount);
  }
  const entries = new Map<string, ZipEntry>();
  let packed = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileName: name, compressedSize, uncompressedSize: size } = entry;
    if (entries.has(name)) throw expected(where, "every name once", "the archive", name);
    packed += compressedSize;
    if (packed > fileSize) throw expected(where, "entries that share no bytes", "the archive", name);
    if (size > compressedSize * maxRatio) {
      throw expected(where, `at most ${compressedSize * maxRatio} bytes`, JSON.stringify(name), size);
    }
    entries.set(name, { name, size, chunks: () => chunksOf(where, zip, entry) });
  }
  return read(entries);
}

async function* chunksOf(where: string, zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  let checksum = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (checksum !== entry.crc32) {
    const hex = (value: number) => `0x${value.toString(16).padStart(8, "0")}`;
    throw expected(where, `the checksum ${hex(entry.crc32)}`, JSON.stringify(entry.fileName), hex(checksum));
  }
}

/** All bytes of an entry. */
export async function readEntry(where: string, entry: ZipEntry, most: number): Promise<Buffer> {
  if (entry.size > most)
    throw expected(where, `at most ${most} bytes`, JSON.stringify(entry.name), entry.size);
  const chunks: Buffer[] = [];
  for await (const chunk of entry.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
