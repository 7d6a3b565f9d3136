import { createWriteStream, mkdirSync, stat } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { openZip } from "../open-zip.ts";
import { LibTorchFetchError, reasonOf } from "./errors.ts";

const library = String.raw`[^/]+\.(so[.\d]*|dylib|dll|lib)$`;
const wanted = [
  /^torch\/(include|share\/cmake)\//,
  /^torch\/(version\.py|build-version)$/,
  new RegExp(`^torch/lib/${library}`),
  /^torch\.libs\//,
  /^torchgen\/packaged\//,
  // CUDA's own libraries, each in a wheel of its own.
  new RegExp(`^nvidia/[^/]+/lib/${library}`),
  /^nvidia\/[^/]+\/include\//,
];
const unwanted =
  /^torch\/lib\/((lib)?shm\.|[^/]*(torch_python|jitbackend|backend_with_compiler|torchbind|aoti_custom_ops))/;

/**
 * Extracts LibTorch from a wheel of torch, about half of it, or from an archive of LibTorch, into a folder: libraries,
 * headers, CMake files, and the declarations of its operators. From a wheel of NVIDIA it takes libraries and headers. The
 * wheels' layout is kept, because their libraries find each other by it.
 *
 * @throws Error for a broken archive, or one with a path that leads out of the folder.
 */
export async function extractLibTorch(archive: string, folder: string): Promise<void> {
  const root = resolve(folder) + sep;
  const made = new Set<string>();
  await withEntries(archive, async (zip, entry) => {
    const name = placeOf(entry);
    const path = resolve(root, name);
    if (!path.startsWith(root))
      throw new Error(`${archive} holds a path that leads out of it: ${entry.fileName}`);
    if (!isWanted(name)) return;
    if (!made.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    made.add(dirname(path));
    await extractEntry(zip, entry, path);
  });
}

/** How many bytes {@link extractLibTorch} makes of an archive. */
export async function extractedSize(archive: string): Promise<number> {
  let size = 0;
  await withEntries(archive, async (_, entry) => {
    if (isWanted(placeOf(entry))) size += entry.uncompressedSize;
  });
  return size;
}

async function withEntries(
  archive: string,
  visit: (zip: ZipFile, entry: Entry) => Promise<void>,
): Promise<void> {
  const file = await open(archive);
  // A thread of Node's pool can sleep through the work it was woken for (a fault of glibc before 2.41, its number is
  // 25847), and a write then waits for the next call to the pool: here is one.
  const waker = setInterval(() => stat(archive, () => {}), 1000);
  try {
    const zip = await openZip(file, (await file.stat()).size).catch((error: unknown) => {
      throw damaged(`a whole wheel or zip archive in ${basename(archive)}`, reasonOf(error), error);
    });
    for await (const entry of zip.eachEntry()) await visit(zip, entry);
  } finally {
    clearInterval(waker);
    await file.close();
  }
}

/** An archive of LibTorch has all in a folder `libtorch`, which a wheel calls `torch`. */
function placeOf({ fileName }: Entry): string {
  return fileName.replace(/^libtorch\//, "torch/");
}

function isWanted(name: string): boolean {
  return !name.endsWith("/") && wanted.some((pattern) => pattern.test(name)) && !unwanted.test(name);
}

async function extractEntry(zip: ZipFile, entry: Entry, path: string): Promise<void> {
  let checksum = 0;
  const check = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  };
  await pipeline(await zip.openReadStreamPromise(entry), check, createWriteStream(path));
  if (checksum === entry.crc32) return;
  throw damaged(`${entry.fileName} as its archive's checksum has it`, "other bytes");
}

function damaged(what: string, got: string, cause?: unknown): LibTorchFetchError {
  const remedy = "The file is damaged, or was not downloaded whole: fetch it again.";
  return new LibTorchFetchError(`[libtorch] expected ${what}, got ${got}`, [], remedy, { cause });
}
