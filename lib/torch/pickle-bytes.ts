import { expected } from "../errors.ts";

/** Thrown where a pickle goes on past the bytes that are there. */
export class PickleCutOff extends TypeError {}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes of a pickle, read from front to back. */
export class PickleBytes {
  readonly #where: string;
  readonly #name: string;
  readonly #bytes: Buffer;
  #position: number;
  #start: number;

  /** @param name - what the bytes are called in errors: `data.pkl` */
  constructor(where: string, name: string, bytes: Buffer, position: number) {
    this.#where = where;
    this.#name = name;
    this.#bytes = bytes;
    this.#position = position;
    this.#start = position;
  }

  get position(): number {
    return this.#position;
  }

  /** The place of the opcode that was read last. */
  get at(): string {
    return `byte ${this.#start} of ${this.#name}`;
  }

  /** An error about the opcode that was read last. */
  expected(what: string, got: unknown): TypeError {
    return expected(this.#where, what, this.at, got);
  }

  opcode(): number {
    this.#start = this.#position;
    return this.unsigned(1);
  }

  take(length: number): Buffer {
    const end = this.#position + length;
    if (end > this.#bytes.length) {
      throw this.#cutOff(`${length} bytes more`, this.#bytes.length - this.#position);
    }
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }

  /** An unsigned, little-endian number of so many bytes. */
  unsigned(length: 1 | 2 | 4 | 8): number {
    const taken = this.take(length);
    return length === 8 ? Number(taken.readBigUInt64LE()) : taken.readUIntLE(0, length);
  }

  text(length: number): string {
    const bytes = this.take(length);
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.expected("text in UTF-8", bytes);
    }
  }

  line(): string {
    const end = this.#bytes.indexOf("\n", this.#position);
    if (end < 0) throw this.#cutOff("the end of a line", "none");
    const text = this.text(end - this.#position);
    this.#position = end + 1;
    return text;
  }

  #cutOff(what: string, got: unknown): PickleCutOff {
    return new PickleCutOff(this.expected(what, got).message);
  }
}
