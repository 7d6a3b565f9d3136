import type { FileHandle } from "node:fs/promises";
import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import type { Dtype } from "./dtype.ts";
import { PickleCutOff } from "./pickle-bytes.ts";
import { PickleReader } from "./pickle-reader.ts";
import { createPtHost } from "./pt-classes.ts";
import type { PtMaker } from "./pt-maker.ts";
import { type PtStorage, PtStorages } from "./pt-storages.ts";
import { fileChunks, readBytes } from "./read-file.ts";

const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/** How much is read at first; the pickles of most files are shorter. */
const prefixBytes = 2 ** 20;

/** What the pickles at the start of a file say, and where they end. */
interface Pickles<Made extends { readonly dtype: Dtype }> {
  value: unknown;
  storages: PtStorages<Made>;
  /** The storages in the order in which they follow. */
  order: PtStorage<Made>[];
  end: number;
}

/**
 * Reads what `torch.save` wrote before PyTorch 1.6, and writes with `_use_new_zipfile_serialization=False`: five pickles,
 * then the storages, each after the number of its elements.
 */
export async function readLegacy<Made extends { readonly dtype: Dtype }>(
  where: string,
  file: FileHandle,
  fileSize: number,
  maker: PtMaker<Made>,
): Promise<unknown> {
  const { value, storages, order, end } = await readPickles(where, file, fileSize, maker);
  try {
    let position = end;
    for (const { key, bytes, count, elements } of order) {
      const name = `the size of storage ${JSON.stringify(key)} at byte ${position}`;
      if (position + 8 + bytes > fileSize) {
        throw expected(where, `${position + 8 + bytes} bytes or more`, "the file", fileSize);
      }
      const written = (await readBytes(file, Buffer.alloc(8), position)).readBigInt64LE();
      if (written !== BigInt(count)) throw expected(where, String(count), name, written);
      await maker.fill(elements, fileChunks(file, position + 8, bytes));
      position += 8 + bytes;
    }
    if (position !== fileSize) throw expected(where, `${position} bytes`, "the file", fileSize);
    storages.release();
    return value;
  } catch (error) {
    storages.dispose();
    throw error;
  }
}

/** How long the pickles are is known once they are read: where what was read is too short, more is. */
async function readPickles<Made extends { readonly dtype: Dtype }>(
  where: string,
  file: FileHandle,
  fileSize: number,
  maker: PtMaker<Made>,
): Promise<Pickles<Made>> {
  for (let length = prefixBytes; ; length *= 4) {
    const bytes = await readBytes(file, Buffer.alloc(Math.min(length, fileSize)), 0);
    let left = fileSize;
    const storages = new PtStorages(where, maker, (key, size, at) => {
      left -= size;
      if (left < 0)
        throw expected(where, `at most the file's ${fileSize} bytes in storages`, at, `${size} in ${key}`);
    });
    try {
      return { ...parsePickles(where, bytes, storages), storages };
    } catch (error) {
      storages.dispose();
      if (!(error instanceof PickleCutOff) || bytes.length === fileSize) throw error;
    }
  }
}

function parsePickles<Made extends { readonly dtype: Dtype }>(
  where: string,
  bytes: Buffer,
  storages: PtStorages<Made>,
): Omit<Pickles<Made>, "storages"> {
  let end = 0;
  const next = () => {
    const reader = new PickleReader(where, "the file", bytes, createPtHost(where, storages), end);
    const value = reader.read();
    end = reader.position;
    return value;
  };
  const magic = next();
  if (magic !== magicNumber) throw expected(where, "a file of torch.save", "the file", "another pickle");
  const version = next();
  if (version !== protocolVersion)
    throw expected(where, String(protocolVersion), "the protocol version", version);
  const system = next();
  if (!isPlainObject(system) || system.little_endian !== true) {
    throw expected(where, "a little-endian machine", "the file's origin", system);
  }
  const value = next();
  const keys = next();
  const byKey = new Map([...storages].map((storage) => [storage.key, storage]));
  if (!Array.isArray(keys) || keys.length !== byKey.size || new Set(keys).size !== keys.length) {
    throw expected(where, `the keys of ${byKey.size} storages`, `the pickle before byte ${end}`, keys);
  }
  const order = keys.map((key) => {
    const storage = byKey.get(key);
    if (storage === undefined)
      throw expected(where, "the key of a storage", `the pickle before byte ${end}`, key);
    return storage;
  });
  return { value, order, end };
}
