import { Generator } from "../torch/random.ts";
import { PythonRandom } from "./python-random.ts";
import { drawSeed } from "./samplers.ts";

/** Marks the end of a stream. */
export const end = Symbol("the end of the stream");

/** Gives items one by one, then {@link end}. */
export interface Stream<T> {
  next(): Promise<T | typeof end>;
}

/**
 * Gives the items of a stream in a random order, as far as a buffer of them allows: the order of PyTorch's
 * `IterDataPipe.shuffle(buffer_size)` in a DataLoader.
 */
export class ShuffleBuffer<T> implements Stream<T> {
  readonly #stream: Stream<T>;
  readonly #size: number;
  readonly #random: PythonRandom;
  #items: T[] = [];
  #isEnded = false;

  /**
   * @param size - how many items to choose from
   * @param generator - what the seed of a pass is drawn from, now; the global generator for null
   */
  constructor(stream: Stream<T>, size: number, generator: Generator | null) {
    this.#stream = stream;
    this.#size = size;
    // PyTorch hands the seed down in two steps, so that several shufflers would get seeds of their own.
    this.#random = new PythonRandom(drawSeed(new Generator().manualSeed(drawSeed(generator))));
  }

  async next(): Promise<T | typeof end> {
    while (!this.#isEnded) {
      const item = await this.#stream.next();
      if (item === end) this.#isEnded = true;
      else if (this.#items.length < this.#size) this.#items.push(item);
      else return this.#items.splice(this.#random.randbelow(this.#size), 1, item)[0] as T;
    }
    if (this.#items.length === 0) return end;
    return this.#items.splice(this.#random.randbelow(this.#items.length), 1)[0] as T;
  }

  /** The items that were not given, which are given up. */
  drain(): T[] {
    return this.#items.splice(0);
  }
}
