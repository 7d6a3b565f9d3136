import { type FileHandle, open } from "node:fs/promises";
import { expected } from "../errors.ts";
import { writeAtomically } from "../files.ts";
import { isPlainObject, mergeOptions } from "../options.ts";
import { noGrad } from "./autograd.ts";
import { checkDevice } from "./device.ts";
import { native } from "./native.ts";
import { operator } from "./operators.ts";
import {
  checkMetadata,
  decodeHeader,
  elementCount,
  encodeHeader,
  itemSizes,
  layOut,
  lengthBytes,
  maxHeaderBytes,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from "./safetensors-header.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

export type { SafetensorsEntry, SafetensorsHeader } from "./safetensors-header.ts";

/** Elements pass through JavaScript in pieces of this size, so that a large tensor is never held twice. */
const chunkBytes = 2 ** 26;

const reshape = operator("reshape", ["aten::reshape"]);
const narrow = operator("narrow", ["aten::narrow"]);
const empty = operator("empty", ["aten::empty.memory_format"]);
const copy = operator("copy_", ["aten::copy_"]);

/**
 * Writes named tensors as a safetensors file, byte for byte as the official implementation does. The file appears whole
 * or not at all. The format knows no aliases: tensors that share memory are each written out. The tensors must not be
 * changed before the promise resolves.
 *
 * @param tensors - of any shape, strides and device
 * @param metadata - strings to be kept in the header; none by default
 * @throws TypeError for a value that is no live tensor, a dtype that the format does not have, or metadata that is no string.
 * @throws Error naming `path` where it cannot be written; what was there stays.
 * @see https://huggingface.co/docs/safetensors
 */
export async function saveSafetensors(
  path: string,
  tensors: Record<string, Tensor>,
  metadata?: Record<string, string>,
): Promise<void> {
  const where = "torch.saveSafetensors";
  if (!isPlainObject(tensors)) throw expected(where, "an object of tensors", "tensors", tensors);
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!(tensor instanceof Tensor) || tensor.isDisposed) {
      throw expected(where, "a Tensor that is not disposed", JSON.stringify(name), tensor);
    }
  }
  const entries = layOut(where, tensors);
  const header = encodeHeader(where, entries, metadata === undefined ? null : checkMetadata(where, metadata));
  await writeAtomically(path, async (file) => {
    await file.writeFile(header);
    for (const [name] of entries) {
      for (const chunk of chunksOf(tensors[name] as Tensor)) await file.writeFile(chunk);
    }
  });
}

function* chunksOf(tensor: Tensor): Generator<Uint8Array> {
  const flat = noGrad(() => reshape(tensor, [-1]) as Tensor);
  try {
    for (const [start, length] of pieces(tensor)) {
      yield scope(() => native.tensorToBytes(narrow(flat, 0, start, length) as Tensor));
    }
  } finally {
    flat.dispose();
  }
}

/** Start and length, in elements, of the pieces in which a tensor is read and written. */
function* pieces({
  dtype,
  shape,
}: Pick<Tensor, "dtype" | "shape">): Generator<[start: number, length: number]> {
  const count = elementCount(shape);
  const most = chunkBytes / itemSizes[dtype];
  for (let start = 0; start < count; start += most) yield [start, Math.min(most, count - start)];
}

/**
 * Reads all tensors of a safetensors file. Nothing in the file is trusted: it is checked before memory is taken, and no
 * more is taken than the file is long.
 *
 * @param options.device - where the tensors are put; "cpu" by default
 * @throws TypeError naming the file and the place in it that is damaged, or has a dtype that we lack.
 * @throws Error naming the file where it cannot be read.
 */
export async function loadSafetensors(
  path: string,
  options: { device?: string } = {},
): Promise<Record<string, Tensor>> {
  const given = mergeOptions("torch.loadSafetensors", { device: "cpu" }, options);
  const device = checkDevice("torch.loadSafetensors", given.device);
  return readFile(path, async (file, size) => {
    const { header, dataStart } = await readHeader(path, file, size);
    const loaded: [string, Tensor][] = [];
    try {
      for (const [name, entry] of Object.entries(header.tensors)) {
        const tensor = empty(entry.shape, { dtype: entry.dtype, device }) as Tensor;
        loaded.push([name, tensor]);
        await fill(tensor, entry, file, dataStart);
      }
    } catch (error) {
      for (const [, tensor] of loaded) tensor.dispose();
      throw error;
    }
    return Object.fromEntries(loaded);
  });
}

/**
 * Reads what a safetensors file says about itself, without its elements: names, dtypes, shapes and metadata.
 *
 * @throws Error as {@link loadSafetensors} does.
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return readFile(path, async (file, size) => (await readHeader(path, file, size)).header);
}

async function readHeader(
  path: string,
  file: FileHandle,
  size: number,
): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  const where = `safetensors ${path}`;
  if (size < lengthBytes) throw expected(where, `at least ${lengthBytes} bytes`, "the file", size);
  const lengthField = await readBytes(file, Buffer.alloc(lengthBytes), 0);
  const length = lengthField.readBigUInt64LE();
  const most = Math.min(size - lengthBytes, maxHeaderBytes);
  if (length > most) throw expected(where, `at most ${most}`, "the length of the header", length);
  const dataStart = lengthBytes + Number(length);
  const json = await readBytes(file, Buffer.alloc(Number(length)), lengthBytes);
  return { header: decodeHeader(where, json, size - dataStart), dataStart };
}

async function fill(
  tensor: Tensor,
  entry: SafetensorsEntry,
  file: FileHandle,
  dataStart: number,
): Promise<void> {
  const { dtype, shape, dataOffsets } = entry;
  // A bool of any other byte than 0 and 1 is undefined behaviour in LibTorch: converting from uint8 leaves none.
  const storedDtype = dtype === "bool" ? "uint8" : dtype;
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, dataOffsets[1] - dataOffsets[0]));
  let position = dataStart + dataOffsets[0];
  for (const [start, length] of pieces({ dtype, shape })) {
    const bytes = buffer.subarray(0, length * itemSizes[dtype]);
    await readBytes(file, bytes, position);
    position += bytes.length;
    scope(() =>
      noGrad(() => {
        const target = narrow(reshape(tensor, [-1]), 0, start, length);
        copy(target, native.tensorFromBytes(bytes, [length], storedDtype));
      }),
    );
  }
}

/** Fills a buffer from a position of a file. */
async function readBytes(file: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  for (let filled = 0; filled < buffer.length; ) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    filled += bytesRead;
  }
  return buffer;
}

/** Opens a file to read from; what the system says against it becomes an error that names the file. */
async function readFile<T>(path: string, read: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size } = await file.stat();
    return await read(file, size);
  } catch (error) {
    if (error instanceof TypeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`[safetensors ${path}] expected to read the file, got ${reason}`, { cause: error });
  } finally {
    await file?.close();
  }
}
