import { expected } from "../errors.ts";
import type { Dtype } from "./dtype.ts";
import { elementCount, itemSizes } from "./safetensors-header.ts";

/** What a `.npy` file says about its array. */
export interface NpyHeader {
  dtype: Dtype;
  shape: number[];
  /** Whether the first index, not the last, is the one that runs fastest. */
  fortranOrder: boolean;
  /** Whether the bytes of each element come largest first. */
  bigEndian: boolean;
  /** The first byte of the elements. */
  dataStart: number;
}

/** How much of a file holds every header that is accepted. */
export const maxNpyHeaderBytes = 2 ** 16;

const dtypes = new Map<string, Dtype>([
  ["b1", "bool"],
  ["u1", "uint8"],
  ["i1", "int8"],
  ["i2", "int16"],
  ["i4", "int32"],
  ["i8", "int64"],
  ["f2", "float16"],
  ["f4", "float32"],
  ["f8", "float64"],
]);

const header =
  /^\{'descr': '([<>|])(\w+)', 'fortran_order': (True|False), 'shape': \(((?:\d+, ?)*(?:\d+)?)\), \}\s*$/;

/**
 * Reads the header of a `.npy` file as NumPy writes it.
 *
 * @param bytes - the start of the file, as far as {@link maxNpyHeaderBytes} reach
 * @param fileSize - the bytes of the whole file, which the elements must fill exactly
 * @throws TypeError naming `where` and what is wrong.
 */
export function decodeNpyHeader(where: string, bytes: Uint8Array, fileSize: number): NpyHeader {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = start[6] ?? 0;
  if (start.length < 12 || start.toString("latin1", 0, 6) !== "\x93NUMPY" || version < 1 || version > 3)
    throw expected(where, "a .npy file", "the file", start.toString("latin1", 0, 8));
  const [from, length] = version === 1 ? [10, start.readUInt16LE(8)] : [12, start.readUInt32LE(8)];
  const text = start.toString("latin1", from, from + length);
  const [, order, name = "", fortran, sizes = ""] = header.exec(text) ?? [];
  const dtype = dtypes.get(name);
  if (dtype === undefined)
    throw expected(where, "a plain array of a dtype that there is here", "the header", text);
  const shape = (sizes.match(/\d+/g) ?? []).map(Number);
  const dataStart = from + length;
  const dataBytes = elementCount(shape) * itemSizes[dtype];
  if (dataStart + dataBytes !== fileSize)
    throw expected(where, `${dataStart + dataBytes} bytes`, "the file", fileSize);
  return { dtype, shape, fortranOrder: fortran === "True", bigEndian: order === ">", dataStart };
}
