import { op } from "./pickle-opcodes.ts";

/** Bytes are gathered in blocks of this size. */
const blockBytes = 2 ** 16;

/** Writes a pickle of protocol 2, opcode by opcode, in the way of Python's own pickler. */
export class PickleWriter {
  readonly #full: Buffer[] = [];
  #block = Buffer.alloc(blockBytes);
  #used = 0;
  readonly #places = new Map<unknown, number>();

  constructor() {
    this.opcode(op.proto, "\x02");
  }

  /** Opcodes without an argument. */
  opcode(...codes: string[]): this {
    return this.#write(Buffer.from(codes.join(""), "latin1"));
  }

  none(): this {
    return this.opcode(op.none);
  }

  boolean(value: boolean): this {
    return this.opcode(value ? op.newTrue : op.newFalse);
  }

  float(value: number): this {
    const bytes = Buffer.alloc(9, op.binFloat);
    bytes.writeDoubleBE(value, 1);
    return this.#write(bytes);
  }

  /** @throws RangeError for an integer of more than 255 bytes. */
  integer(value: number | bigint): this {
    if (value >= 0 && value < 2 ** 8)
      return this.#write(Buffer.from([op.binInt1.charCodeAt(0), Number(value)]));
    if (value >= -(2 ** 31) && value < 2 ** 31) {
      const bytes = Buffer.alloc(5, op.binInt);
      bytes.writeInt32LE(Number(value), 1);
      return this.#write(bytes);
    }
    const bytes = twosComplement(BigInt(value));
    return this.#write(Buffer.concat([Buffer.from([op.long1.charCodeAt(0), bytes.length]), bytes]));
  }

  /** Each text is written once. */
  text(value: string): this {
    if (this.recall(value)) return this;
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(5, op.binUnicode);
    length.writeUInt32LE(bytes.length, 1);
    return this.#write(length).#write(bytes).memoize(value);
  }

  /** A class or function, such as `collections` and `OrderedDict`. */
  global(module: string, name: string): this {
    const lines = `${op.global}${module}\n${name}\n`;
    // No text is equal to a symbol.
    const key = Symbol.for(lines);
    return this.recall(key) ? this : this.#write(Buffer.from(lines)).memoize(key);
  }

  /** A tuple of integers. */
  sizes(sizes: readonly number[]): this {
    if (sizes.length === 0) return this.opcode(op.emptyTuple);
    this.opcode(op.mark);
    for (const size of sizes) this.integer(size);
    return this.opcode(op.tuple);
  }

  /** Notes that the value on the top of the stack is this one. */
  memoize(value: unknown): this {
    const place = this.#places.size;
    this.#places.set(value, place);
    return this.#place(place, op.binPut, op.longBinPut);
  }

  /** Pushes a value that was noted; false where it was not. */
  recall(value: unknown): boolean {
    const place = this.#places.get(value);
    if (place === undefined) return false;
    this.#place(place, op.binGet, op.longBinGet);
    return true;
  }

  /** The pickle, which ends here. */
  end(): Buffer {
    this.opcode(op.stop);
    return Buffer.concat([...this.#full, this.#block.subarray(0, this.#used)]);
  }

  #place(place: number, short: string, long: string): this {
    if (place < 256) return this.#write(Buffer.of(short.charCodeAt(0), place));
    const bytes = Buffer.alloc(5, long);
    bytes.writeUInt32LE(place, 1);
    return this.#write(bytes);
  }

  #write(bytes: Buffer): this {
    if (this.#used + bytes.length > this.#block.length) {
      this.#full.push(this.#block.subarray(0, this.#used));
      this.#block = Buffer.alloc(Math.max(blockBytes, bytes.length));
      this.#used = 0;
    }
    this.#used += bytes.copy(this.#block, this.#used);
    return this;
  }
}

/** As few bytes as hold the number and its sign, little-endian. */
function twosComplement(value: bigint): Buffer {
  let size = Math.ceil((value < 0 ? -value : value).toString(16).length / 2);
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  if (size > 255) throw new RangeError("an integer of more than 255 bytes");
  const hex = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, "0");
  return Buffer.from(hex, "hex").reverse();
}
