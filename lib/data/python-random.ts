import { getRandomValues } from "node:crypto";
import { expected } from "../errors.ts";
import { number } from "../options.ts";

const stateSize = 624;
const shiftSize = 397;

/** The 624 words and the position in them, as CPython's `random.getstate()[1]`. */
export type PythonRandomState = number[];

/**
 * CPython's `random.Random`: the Mersenne Twister MT19937, which draws the same numbers as Python does for one seed.
 * @see https://docs.python.org/3.11/library/random.html
 */
export class PythonRandom {
  readonly #words = new Uint32Array(stateSize);
  #position = stateSize;

  /** @param seed - an integer of any size; by default the operating system's randomness, as in Python */
  constructor(seed?: number | bigint) {
    if (seed === undefined) this.#seedByArray(getRandomValues(new Uint32Array(stateSize)));
    else this.seed(seed);
  }

  /**
   * Starts anew as `random.seed(n)` does. Only the absolute value counts, as in Python.
   * @throws TypeError for a number that is no integer.
   */
  seed(seed: number | bigint): void {
    if (typeof seed !== "bigint" && !Number.isSafeInteger(seed)) {
      throw expected("PythonRandom.seed", "an integer", "seed", seed, "Give integers past 2^53 as a BigInt");
    }
    const key: number[] = [];
    let rest = BigInt(seed) < 0n ? -BigInt(seed) : BigInt(seed);
    do {
      key.push(Number(rest & 0xffffffffn));
      rest >>= 32n;
    } while (rest > 0n);
    this.#seedByArray(Uint32Array.from(key));
  }

  /** A number from 0 up to, without, 1, of 53 random bits. */
  random(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A whole number of `bits` random bits, from 0 to 53 of them. */
  getrandbits(bits: number): number {
    number("PythonRandom.getrandbits", "bits", bits, { min: 0, max: 53, integer: true });
    if (bits === 0) return 0;
    if (bits <= 32) return this.#next() >>> (32 - bits);
    const low = this.#next();
    return (this.#next() >>> (64 - bits)) * 2 ** 32 + low;
  }

  /** A whole number from 0 up to, without, `limit`, each equally likely. */
  randbelow(limit: number): number {
    number("PythonRandom.randbelow", "limit", limit, { min: 1, integer: true });
    const bits = limit < 2 ** 32 ? 32 - Math.clz32(limit) : 64 - Math.clz32(limit / 2 ** 32);
    let drawn = this.getrandbits(bits);
    while (drawn >= limit) drawn = this.getrandbits(bits);
    return drawn;
  }

  /** Shuffles an array in place. */
  shuffle(array: unknown[]): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.randbelow(i + 1);
      [array[i], array[j]] = [array[j], array[i]];
    }
  }

  getState(): PythonRandomState {
    return [...this.#words, this.#position];
  }

  /** @throws TypeError for anything that {@link getState}, or Python's `random.getstate()[1]`, would not give. */
  setState(state: PythonRandomState): void {
    const isWord = (word: unknown) => Number.isInteger(word) && Number(word) >= 0 && Number(word) < 2 ** 32;
    if (!Array.isArray(state) || state.length !== stateSize + 1 || !state.every(isWord)) {
      throw expected("PythonRandom.setState", `${stateSize + 1} integers of 32 bits`, "state", state);
    }
    const position = number("PythonRandom.setState", "the position", state.at(-1), { max: stateSize });
    this.#words.set(state.slice(0, stateSize));
    this.#position = position;
  }

  #seedByArray(key: Uint32Array): void {
    const words = this.#words;
    words[0] = 19650218;
    for (let i = 1; i < stateSize; i++) words[i] = Math.imul(1812433253, mixed(words, i - 1)) + i;
    let i = 1;
    for (let step = 0; step < Math.max(stateSize, key.length); step++) {
      const j = step % key.length;
      words[i] = (at(words, i) ^ Math.imul(mixed(words, i - 1), 1664525)) + at(key, j) + j;
      i = this.#wrap(i + 1);
    }
    for (let step = 1; step < stateSize; step++) {
      words[i] = (at(words, i) ^ Math.imul(mixed(words, i - 1), 1566083941)) - i;
      i = this.#wrap(i + 1);
    }
    words[0] = 0x80000000;
    this.#position = stateSize;
  }

  #wrap(i: number): number {
    if (i < stateSize) return i;
    this.#words[0] = at(this.#words, stateSize - 1);
    return 1;
  }

  #next(): number {
    if (this.#position === stateSize) this.#twist();
    let word = at(this.#words, this.#position++);
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  #twist(): void {
    const words = this.#words;
    for (let i = 0; i < stateSize; i++) {
      const joined = (at(words, i) & 0x80000000) | (at(words, (i + 1) % stateSize) & 0x7fffffff);
      words[i] = at(words, (i + shiftSize) % stateSize) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }
}

function at(words: Uint32Array, i: number): number {
  return words[i] as number;
}

function mixed(words: Uint32Array, i: number): number {
  return at(words, i) ^ (at(words, i) >>> 30);
}

/**
 * The generator behind Python's module-level functions, such as `random.shuffle`: one for the whole process, so two
 * trainers that run at once draw from it in turn.
 */
export const pythonRandom = new PythonRandom();
