import { empty, randperm } from "../torch/generated/functions.ts";
import { Generator, type Seed } from "../torch/random.ts";
import { scope } from "../torch/scope.ts";

/** Anything whose examples can be counted. */
interface Sized {
  readonly length: number;
}

/** Hands out the positions of the examples of one epoch. */
export interface Sampler {
  /** The next `count` positions; fewer at the end of the epoch. */
  take(count: number): Int32Array;
}

/** Every position, in order. */
export class SequentialSampler implements Sampler {
  readonly #data: Sized;
  #position = 0;

  constructor(data: Sized) {
    this.#data = data;
  }

  take(count: number): Int32Array {
    const start = this.#position;
    this.#position = Math.min(start + count, this.#data.length);
    return new Int32Array(this.#position - start).map((_, i) => start + i);
  }
}

/**
 * Every position once, in the order that PyTorch's `RandomSampler` has for the same state of the generator.
 *
 * The permutation is drawn at the first `take`: from a generator of its own, seeded from the global one, or from the
 * generator that was given. PyTorch draws from a given generator once more when it is asked for positions past the end;
 * so does this.
 */
export class RandomSampler implements Sampler {
  readonly #data: Sized;
  readonly #generator: Generator | null;
  #order: Int32Array | null = null;
  #position = 0;
  #isExhausted = false;

  constructor(data: Sized, generator: Generator | null) {
    this.#data = data;
    this.#generator = generator;
  }

  take(count: number): Int32Array {
    this.#order ??= permutation(
      this.#data.length,
      this.#generator ?? new Generator().manualSeed(drawSeed(null)),
    );
    const taken = this.#order.subarray(this.#position, this.#position + count);
    this.#position += taken.length;
    if (taken.length < count && !this.#isExhausted) {
      this.#isExhausted = true;
      if (this.#generator !== null) permutation(this.#order.length, this.#generator);
    }
    return taken;
  }
}

/** Draws 63 bits, as `torch.empty((), dtype=torch.int64).random_(generator=generator).item()` does. */
export function drawSeed(generator: Generator | null): Seed {
  return scope(() => empty([], { dtype: "int64" }).random_({ generator }).item());
}

function permutation(length: number, generator: Generator): Int32Array {
  return scope(() => randperm(length, { generator }).to("int32").toTypedArray() as Int32Array);
}
