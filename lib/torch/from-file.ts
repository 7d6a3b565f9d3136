import { type FileHandle, open } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { expected, messageOf } from "../errors.ts";
import { mergeOptions, oneOf } from "../options.ts";
import type { Dtype } from "./dtype.ts";
import { native } from "./native.ts";
import { decodeNpyHeader, maxNpyHeaderBytes } from "./npy-header.ts";
import { decodeHeader, lengthBytes, loadableFormats, maxHeaderBytes } from "./safetensors-header.ts";
import type { Tensor } from "./tensor.ts";

const where = "torch.fromFile";
const formats = ["safetensors", "npy"] as const;

/** How {@link fromFile} reads a file. */
export interface FromFileOptions {
  /** By default what the file's name ends in. */
  format?: "safetensors" | "npy" | null;
}

/** Where the elements of a tensor lie in a file. */
export interface MappedPlace {
  dtype: Dtype;
  shape: readonly number[];
  /** In elements. */
  strides: readonly number[];
  /** In bytes, from the file's start. */
  offset: number;
}

/**
 * The tensors of a file that is larger than memory: of a `.safetensors` file by name, the one of a `.npy` file. Their
 * elements stay in the file and are read when an operator reads them; the system drops them again as it needs memory.
 *
 * The file is never changed: what is written into such a tensor is kept in memory. It is closed when the last tensor and
 * the last view of one is gone. Elements that LibTorch cannot use where they are (booleans, and those that are not
 * aligned to their size) are copied.
 *
 * Nobody may make the file shorter while it is in use. Reading what is not there any more ends the process (SIGBUS); to
 * replace a file, rename another one over it, as this package does when it writes.
 *
 * @throws TypeError naming the file: a damaged header, or a size that differs from what the header says.
 * @throws Error naming the file where it cannot be read or mapped.
 */
export function fromFile(path: `${string}.npy`, options?: { format?: null }): Promise<Tensor>;
export function fromFile(
  path: `${string}.safetensors`,
  options?: { format?: null },
): Promise<Record<string, Tensor>>;
export function fromFile(path: string, options: { format: "npy" }): Promise<Tensor>;
export function fromFile(path: string, options: { format: "safetensors" }): Promise<Record<string, Tensor>>;
export function fromFile(path: string, options?: FromFileOptions): Promise<Tensor | Record<string, Tensor>>;
export async function fromFile(
  path: string,
  options: FromFileOptions = {},
): Promise<Tensor | Record<string, Tensor>> {
  if (typeof path !== "string") throw expected(where, "a path", "path", path);
  const { format } = mergeOptions<Required<FromFileOptions>>(where, { format: null }, options);
  const kind = oneOf(where, "the format", format ?? extname(path).slice(1), formats);
  const here = `${where} ${path}`;
  return inFile(here, path, async (file, size) => {
    const places =
      kind === "npy" ? await npyPlaces(here, file, size) : await safetensorsPlaces(here, file, size);
    const tensors = native.mapFile(resolve(path), size, Object.values(places));
    if (kind === "npy") return tensors[0] as Tensor;
    return Object.fromEntries(Object.keys(places).map((name, i) => [name, tensors[i] as Tensor]));
  });
}

async function npyPlaces(here: string, file: FileHandle, size: number): Promise<Record<string, MappedPlace>> {
  const start = await readStart(file, 0, Math.min(size, maxNpyHeaderBytes));
  const { dtype, shape, fortranOrder, bigEndian, dataStart } = decodeNpyHeader(here, start, size);
  if (bigEndian) throw expected(here, "little-endian elements", "the file", "big-endian ones");
  const strides = fortranOrder ? rowMajor(shape.toReversed()).reverse() : rowMajor(shape);
  return { array: { dtype, shape, strides, offset: dataStart } };
}

async function safetensorsPlaces(
  here: string,
  file: FileHandle,
  size: number,
): Promise<Record<string, MappedPlace>> {
  if (size < lengthBytes) throw expected(here, `at least ${lengthBytes} bytes`, "the file", size);
  const length = (await readStart(file, 0, lengthBytes)).readBigUInt64LE();
  const most = Math.min(size - lengthBytes, maxHeaderBytes);
  if (length > most) throw expected(here, `at most ${most}`, "the length of the header", length);
  const dataStart = lengthBytes + Number(length);
  const json = await readStart(file, lengthBytes, Number(length));
  const { tensors } = decodeHeader(here, json, size - dataStart, loadableFormats);
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, dataOffsets }]) => [
      name,
      { dtype, shape, strides: rowMajor(shape), offset: dataStart + dataOffsets[0] },
    ]),
  );
}

/** How far apart neighbours are, in elements, where the last index runs fastest. */
function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, dim) =>
    shape.slice(dim + 1).reduce((product, size) => product * Math.max(size, 1), 1),
  );
}

async function readStart(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new Error("the file became shorter while it was read");
  return buffer;
}

async function inFile<T>(
  here: string,
  path: string,
  read: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error("something that is no regular file");
    return await read(file, stat.size);
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith(`[${here}]`)) throw error;
    const reason = messageOf(error);
    throw new Error(`[${here}] expected to map the file, got ${reason}`, { cause: error });
  } finally {
    await file?.close();
  }
}
