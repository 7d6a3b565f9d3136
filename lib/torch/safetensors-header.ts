import { expected, unknownName } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import type { Dtype } from "./dtype.ts";

/** Where a tensor lies in a safetensors file. */
export interface SafetensorsEntry<D extends string = Dtype> {
  dtype: D;
  shape: number[];
  /** The first byte of the elements and the one after the last, counted from the end of the header. */
  dataOffsets: [start: number, end: number];
}

/** What a safetensors file says about itself. */
export interface SafetensorsHeader<D extends string = Dtype> {
  /** The file's `__metadata__`; null where it has none. */
  metadata: Record<string, string> | null;
  tensors: Record<string, SafetensorsEntry<D>>;
}

/** What a dtype of the format is called here, and the bits of one element. */
export interface ElementFormat<D extends string> {
  dtype: D;
  bits: number;
}

/** As in the official implementation. */
export const maxHeaderBytes = 100_000_000;

/** The bytes before the header: its length as an unsigned, little-endian number. */
export const lengthBytes = 8;

/** The bytes of one element. */
export const itemSizes: Readonly<Record<Dtype, number>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  int16: 2,
  float16: 2,
  bfloat16: 2,
  int32: 4,
  float32: 4,
  float64: 8,
  int64: 8,
};

// In the order by which the official writer sorts, last first: no tensor is less aligned than its elements need.
const formatNames = new Map<Dtype, string>([
  ["bool", "BOOL"],
  ["uint8", "U8"],
  ["int8", "I8"],
  ["int16", "I16"],
  ["float16", "F16"],
  ["bfloat16", "BF16"],
  ["int32", "I32"],
  ["float32", "F32"],
  ["float64", "F64"],
  ["int64", "I64"],
]);
const ranks = new Map([...formatNames.keys()].map((dtype, rank) => [dtype, rank]));

/** The dtypes that cross into tensors, by the names of the format. */
export const loadableFormats: ReadonlyMap<string, ElementFormat<Dtype>> = new Map(
  [...formatNames].map(([dtype, name]) => [name, { dtype, bits: 8 * itemSizes[dtype] }]),
);

/** The elements of a tensor of that shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Gives each tensor its place, as the official writer does: widest dtypes first, then by name.
 *
 * @throws TypeError for a dtype that the format does not have, and for the reserved name `__metadata__`.
 */
export function layOut(
  where: string,
  tensors: Record<string, { dtype: Dtype; shape: number[] }>,
): [name: string, entry: SafetensorsEntry][] {
  const keyed = Object.entries(tensors).map(([name, { dtype, shape }]) => {
    if (name === "__metadata__") throw expected(where, "a name that the format leaves free", "tensors", name);
    const rank = ranks.get(dtype);
    if (rank === undefined) {
      throw unknownName(where, `the dtype of ${JSON.stringify(name)}`, dtype, ranks.keys());
    }
    return { name, utf8: Buffer.from(name), rank, dtype, shape };
  });
  keyed.sort((a, b) => b.rank - a.rank || Buffer.compare(a.utf8, b.utf8));
  let start = 0;
  return keyed.map(({ name, dtype, shape }) => {
    const end = start + elementCount(shape) * itemSizes[dtype];
    const entry: SafetensorsEntry = { dtype, shape, dataOffsets: [start, end] };
    start = end;
    return [name, entry];
  });
}

/** The start of a file: length and header, padded with spaces so that the elements begin at a multiple of 8. */
export function encodeHeader(
  where: string,
  entries: [name: string, entry: SafetensorsEntry][],
  metadata: Record<string, string> | null,
): Buffer {
  // Written entry by entry: an object would move names that look like numbers to the front.
  const members = entries.map(([name, { dtype, shape, dataOffsets }]) => {
    const description = { dtype: formatNames.get(dtype), shape, data_offsets: dataOffsets };
    return `${JSON.stringify(name)}:${JSON.stringify(description)}`;
  });
  if (metadata !== null) members.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  const json = Buffer.from(`{${members.join(",")}}`);
  const length = Math.ceil(json.length / lengthBytes) * lengthBytes;
  if (length > maxHeaderBytes) {
    throw expected(where, `names and metadata of at most ${maxHeaderBytes} bytes`, "the header", length);
  }
  const bytes = Buffer.alloc(lengthBytes + length, " ");
  bytes.writeBigUInt64LE(BigInt(length));
  json.copy(bytes, lengthBytes);
  return bytes;
}

/**
 * Reads the JSON of a header, trusting nothing in it.
 *
 * @param dataBytes - how many bytes follow the header; the tensors must fill them exactly, without holes or overlaps.
 * @param formats - the dtypes that are allowed, by the names of the format.
 * @throws TypeError naming `where` and the place in the header that is wrong.
 */
export function decodeHeader<D extends string>(
  where: string,
  json: Uint8Array,
  dataBytes: number,
  formats: ReadonlyMap<string, ElementFormat<D>>,
): SafetensorsHeader<D> {
  const { __metadata__: metadata, ...descriptions } = parseObject(where, json);
  const tensors = Object.entries(descriptions).map(
    ([name, description]) => [name, decodeEntry(where, name, description, formats)] as const,
  );
  checkOffsets(where, tensors, dataBytes);
  return {
    metadata: metadata === undefined ? null : checkMetadata(where, metadata),
    tensors: Object.fromEntries(tensors),
  };
}

function parseObject(where: string, json: Uint8Array): Record<string, unknown> {
  let value: unknown;
  let repeated: string | undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
    value = JSON.parse(text);
    repeated = findRepeatedKey(text);
  } catch (error) {
    throw new TypeError(`[${where}] expected JSON in UTF-8 for the header, got ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (!isPlainObject(value)) throw expected(where, "an object", "the header", value);
  if (repeated !== undefined) throw expected(where, "every key once", "the header", repeated);
  return value;
}

/** The first key that comes twice in one object of a valid JSON text. */
function findRepeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  let text = "";
  for (const [token] of json.matchAll(/"(?:[^"\\]+|\\.)*"|[{}:]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token !== ":") text = token;
    else {
      const key: string = JSON.parse(text);
      if (open.at(-1)?.has(key)) return key;
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}

/** Checks that every value is a string. */
export function checkMetadata(where: string, metadata: unknown): Record<string, string> {
  if (!isPlainObject(metadata)) throw expected(where, "an object of strings", "the metadata", metadata);
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== "string")
      throw expected(where, "a string", `metadata ${JSON.stringify(name)}`, value);
  }
  return metadata as Record<string, string>;
}

function decodeEntry<D extends string>(
  where: string,
  name: string,
  description: unknown,
  formats: ReadonlyMap<string, ElementFormat<D>>,
): SafetensorsEntry<D> {
  const of = `of ${JSON.stringify(name)}`;
  if (!isPlainObject(description)) throw expected(where, "an object", `the description ${of}`, description);
  const { dtype, shape, data_offsets: offsets } = description;
  if (typeof dtype !== "string") throw expected(where, "a string", `the dtype ${of}`, dtype);
  const known = formats.get(dtype);
  if (known === undefined) throw unknownName(where, `the dtype ${of}`, dtype, formats.keys());
  if (!isListOfSizes(shape)) throw expected(where, "whole numbers of at least 0", `the shape ${of}`, shape);
  // LibTorch multiplies these sizes too, but a zero counts as one.
  const extent = shape.reduce((product, size) => product * Math.max(size, 1), known.bits);
  if (!Number.isSafeInteger(extent))
    throw expected(where, "sizes that can be multiplied", `the shape ${of}`, extent);
  if (!isListOfSizes(offsets) || offsets.length !== 2) {
    throw expected(where, "two whole numbers of at least 0", `the data_offsets ${of}`, offsets);
  }
  const [start, end] = offsets as [number, number];
  const bytes = (elementCount(shape) * known.bits) / 8;
  if (end - start !== bytes) {
    throw expected(
      where,
      `${bytes} bytes (${elementCount(shape)} elements of ${dtype})`,
      `the data_offsets ${of}`,
      end - start,
    );
  }
  return { dtype: known.dtype, shape, dataOffsets: [start, end] };
}

function isListOfSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Each tensor must start where the one before it ends, the last end where the file does. */
function checkOffsets(
  where: string,
  tensors: (readonly [string, SafetensorsEntry<string>])[],
  dataBytes: number,
): void {
  const sorted = tensors.toSorted(
    ([, { dataOffsets: a }], [, { dataOffsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  let reached = 0;
  for (const [name, { dataOffsets }] of sorted) {
    const [start, end] = dataOffsets;
    if (start !== reached) {
      throw expected(
        where,
        `${reached} (where the tensor before it ends)`,
        `the start of ${JSON.stringify(name)}`,
        start,
      );
    }
    reached = end;
  }
  if (reached !== dataBytes)
    throw expected(where, `${reached} bytes after the header`, "the file", dataBytes);
}
