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

/** Bytes before the header: a magic text, the version, and the header's length in two bytes or four. */
const shortPrefix = 10;
const longPrefix = 12;

const magic = "\x93NUMPY";

// LibTorch's own bound for many operators.
const maxDimensions = 64;

const typeNames = new Map<Dtype, string>([
  ["bool", "|b1"],
  ["uint8", "|u1"],
  ["int8", "|i1"],
  ["int16", "<i2"],
  ["int32", "<i4"],
  ["int64", "<i8"],
  ["float16", "<f2"],
  ["float32", "<f4"],
  ["float64", "<f8"],
]);
const dtypes = new Map([...typeNames].map(([dtype, name]) => [name.slice(1), dtype]));

// NumPy's kinds that have no dtype here, by the letter.
const lacking: Readonly<Record<string, string>> = {
  u: "Unsigned integers of more than 8 bits",
  f: "Floats of more than 64 bits",
  c: "Complex numbers",
  O: "Python objects, which are pickled,",
  S: "Bytes",
  U: "Texts",
  M: "Dates",
  m: "Durations",
  V: "Raw bytes (also those of bfloat16, which NumPy does not know)",
};

/**
 * Reads the header of a `.npy` file of the versions 1 to 3, trusting nothing in it.
 *
 * @param bytes - the start of the file, as far as {@link maxNpyHeaderBytes} reach
 * @param fileSize - the bytes of the whole file, which the elements must fill exactly
 * @throws TypeError naming `where` and the place in the header that is wrong, or a dtype that we lack.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function decodeNpyHeader(where: string, bytes: Uint8Array, fileSize: number): NpyHeader {
  const { text, end: dataStart } = readHeader(where, bytes);
  const { descr, fortran_order: fortranOrder, shape } = parseHeader(where, text);
  const { dtype, bigEndian } = parseType(where, descr);
  // LibTorch multiplies these sizes too, but a zero counts as one.
  const extent = shape.reduce((product, size) => product * Math.max(size, 1), itemSizes[dtype]);
  if (!Number.isSafeInteger(extent))
    throw expected(where, "sizes that can be multiplied", "the shape", extent);
  const dataBytes = elementCount(shape) * itemSizes[dtype];
  if (dataStart + dataBytes !== fileSize) {
    const what = `${dataBytes} bytes of elements (${elementCount(shape)} of ${dtype})`;
    throw expected(where, what, "the file", fileSize - dataStart);
  }
  return { dtype, shape, fortranOrder, bigEndian, dataStart };
}

/**
 * Reads the header from the first chunks of a file of so many bytes, as {@link decodeNpyHeader} does.
 *
 * @returns the header, and what was read of the elements.
 */
export async function readNpyHeader(
  where: string,
  chunks: AsyncGenerator<Buffer>,
  size: number,
): Promise<{ header: NpyHeader; rest: Buffer }> {
  const start = await takeStart(chunks, Math.min(size, maxNpyHeaderBytes));
  const header = decodeNpyHeader(where, start, size);
  return { header, rest: start.subarray(header.dataStart) };
}

/** The first chunks, as many as hold so many bytes. */
async function takeStart(chunks: AsyncGenerator<Buffer>, length: number): Promise<Buffer> {
  const taken: Buffer[] = [];
  for (let count = 0; count < length; ) {
    const { value } = await chunks.next();
    if (value === undefined) break;
    taken.push(value);
    count += value.length;
  }
  return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken);
}

function readHeader(where: string, given: Uint8Array): { text: string; end: number } {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  if (bytes.length < shortPrefix || bytes.toString("latin1", 0, magic.length) !== magic) {
    const start = bytes.toString("hex", 0, magic.length);
    throw expected(
      where,
      `${Buffer.from(magic, "latin1").toString("hex")} (NUMPY)`,
      "the first bytes",
      start,
    );
  }
  const [major, minor] = bytes.subarray(magic.length);
  if (major === undefined || major < 1 || major > 3 || minor !== 0) {
    throw expected(where, "1.0, 2.0 or 3.0", "the version of the format", `${major}.${minor}`);
  }
  const start = major === 1 ? shortPrefix : longPrefix;
  if (bytes.length < start) throw expected(where, `at least ${start} bytes`, "the file", bytes.length);
  const length = major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  const most = Math.min(bytes.length, maxNpyHeaderBytes) - start;
  if (length > most) throw expected(where, `at most ${most}`, "the length of the header", length);
  return {
    text: bytes.toString(major === 3 ? "utf8" : "latin1", start, start + length),
    end: start + length,
  };
}

/** The members of the header, which is a dictionary as Python prints it. */
interface Members {
  descr: string;
  fortran_order: boolean;
  shape: number[];
}

const members: Readonly<
  Record<keyof Members, { pattern: RegExp; what: string; parse: (text: string) => unknown }>
> = {
  descr: {
    pattern: /'[^'\\\n]*'|"[^"\\\n]*"/y,
    what: "a plain dtype (neither structured nor aligned)",
    parse: (text) => text.slice(1, -1),
  },
  fortran_order: { pattern: /True|False/y, what: "True or False", parse: (text) => text === "True" },
  shape: {
    pattern: /\( *(?:\d{1,16}L? *, *)*(?:\d{1,16}L? *)?\)/y,
    what: "a tuple of sizes",
    parse: (text) => (text.match(/\d+/g) ?? []).map(Number),
  },
};

/** Goes over the text once, from front to back. */
function parseHeader(where: string, text: string): Members {
  let position = 0;
  const next = (pattern: RegExp, what: string): string => {
    pattern.lastIndex = position;
    const [found] = pattern.exec(text) ?? [];
    if (found === undefined) {
      throw expected(where, what, `character ${position} of the header`, text.slice(position, position + 40));
    }
    position += found.length;
    return found;
  };
  const found: Partial<Record<keyof Members, unknown>> = {};
  next(/ *\{ */y, "{");
  while (text[position] !== "}") {
    const name = next(/'(?:descr|fortran_order|shape)'/y, "'descr', 'fortran_order' or 'shape'").slice(
      1,
      -1,
    ) as keyof Members;
    if (found[name] !== undefined) throw expected(where, "every key once", "the header", name);
    next(/ *: */y, "a colon");
    const { pattern, what, parse } = members[name];
    found[name] = parse(next(pattern, `${what} for '${name}'`));
    next(/ *, *| *(?=\})/y, "a comma or }");
  }
  next(/\}\s*$/y, "the end of the header");
  for (const name of Object.keys(members)) {
    if (!(name in found)) throw expected(where, `'${name}'`, "the header", text);
  }
  const { shape } = found as Members;
  if (shape.length > maxDimensions)
    throw expected(where, `at most ${maxDimensions} sizes`, "the shape", shape);
  if (!shape.every(Number.isSafeInteger)) throw expected(where, "sizes up to 2^53 - 1", "the shape", text);
  return found as Members;
}

function parseType(where: string, descr: string): { dtype: Dtype; bigEndian: boolean } {
  const [, order, name, kind] = /^([<>|=]?)((\w)\d*)/.exec(descr) ?? [];
  const dtype = dtypes.get(name ?? "");
  if (dtype === undefined || descr !== `${order}${name}`) {
    const reason = lacking[kind ?? ""];
    const remedy = reason === undefined ? undefined : `${reason} cannot be read: convert the array in Python`;
    throw expected(where, `one of ${[...dtypes.keys()].join(", ")}`, "the dtype", descr, remedy);
  }
  if (order === "|" && itemSizes[dtype] > 1)
    throw expected(where, "< or > before the dtype", "the dtype", descr);
  return { dtype, bigEndian: order === ">" && itemSizes[dtype] > 1 };
}

/** The start of a `.npy` file, byte for byte as NumPy writes it for an array in C order. */
export function encodeNpyHeader(where: string, dtype: Dtype, shape: readonly number[]): Buffer {
  const descr = typeNames.get(dtype);
  if (descr === undefined) {
    throw expected(where, "a dtype that NumPy knows", "the dtype", dtype, 'Convert it with to("float32")');
  }
  const sizes = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  // NumPy leaves room for the first size to grow to 21 digits in place.
  const room = shape.length === 0 ? 0 : 21 - String(shape[0]).length;
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${sizes}, }${" ".repeat(room)}`;
  const length = Math.floor((shortPrefix + header.length + 1) / 64) * 64 + 64;
  const bytes = Buffer.alloc(length, " ");
  bytes.write(`${magic}\x01\x00`, "latin1");
  bytes.writeUInt16LE(length - shortPrefix, 8);
  bytes.write(header, shortPrefix, "latin1");
  bytes.write("\n", length - 1);
  return bytes;
}
