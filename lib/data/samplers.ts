import { expected } from "../errors.ts";
import { boolean, mergeOptions, number } from "../options.ts";
import { empty, randint, randperm } from "../torch/generated/functions.ts";
import { Generator, type Seed } from "../torch/random.ts";
import { scope } from "../torch/scope.ts";

/** Anything whose examples can be counted, such as a dataset. */
export interface Sized {
  readonly length: number;
}

/**
 * Says which examples an epoch takes, in which order: an array of positions will do, or any object that can be iterated
 * anew for each epoch and knows how many positions it gives. With `T` an array of positions, it says so batch by batch.
 *
 * The samplers here draw what PyTorch's of the same names draw, at the same points: when the first position is asked for,
 * from the global generator unless they have their own.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.Sampler
 */
export interface Sampler<T = number> extends Iterable<T> {
  readonly length: number;
  /**
   * True if the first element of a pass settles all: the later ones draw from no generator. What leaves it out is taken to
   * draw for each.
   */
  readonly drawsAtOnce?: boolean;
}

/** A sampler of whole batches: the positions of the examples of each. */
export type BatchedSampler = Sampler<ArrayLike<number>>;

/** Where random numbers come from. */
export interface GeneratorOption {
  /** What to draw from; PyTorch's global generator by default (null). */
  generator: Generator | null;
}

/** Options of a {@link RandomSampler}. */
export interface RandomSamplerOptions extends GeneratorOption {
  /** Draw each position anew from all, so that some come twice; false by default. */
  replacement: boolean;
  /** How many positions to give; by default (null) as many as there are examples. More than that starts over. */
  numSamples: number | null;
}

/** Every position, in order. */
export class SequentialSampler implements Sampler {
  readonly dataSource: Sized;
  readonly drawsAtOnce = true;

  constructor(dataSource: Sized) {
    this.dataSource = checkSized("SequentialSampler", "dataSource", dataSource);
  }

  get length(): number {
    return this.dataSource.length;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let i = 0; i < this.dataSource.length; i++) yield i;
  }
}

/**
 * Every position once, in a new random order each time; or, with `replacement`, random positions.
 *
 * Without a generator of its own it seeds one from the global generator for each epoch, as PyTorch's does.
 */
export class RandomSampler implements Sampler {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  readonly numSamples: number | null;
  readonly generator: Generator | null;

  constructor(dataSource: Sized, options: Partial<RandomSamplerOptions> = {}) {
    const where = "RandomSampler";
    const defaults: RandomSamplerOptions = { replacement: false, numSamples: null, generator: null };
    const { replacement, numSamples, generator } = mergeOptions(where, defaults, options);
    this.dataSource = checkSized(where, "dataSource", dataSource);
    this.replacement = boolean(where, "replacement", replacement);
    this.numSamples =
      numSamples === null ? null : number(where, "numSamples", numSamples, { min: 1, integer: true });
    this.generator = checkGenerator(where, generator);
  }

  get length(): number {
    return this.numSamples ?? this.dataSource.length;
  }

  /** A generator of the sampler's own, made from one draw of the global one, is nobody else's. */
  get drawsAtOnce(): boolean {
    return this.generator === null || (!this.replacement && this.numSamples === null);
  }

  /** The positions of a pass as iterating draws them; null where that is not one permutation. */
  order(): Int32Array | null {
    const isOne = this.constructor === RandomSampler && !this.replacement && this.numSamples === null;
    if (!isOne || this.generator !== null || this.dataSource.length === 0) return null;
    return permutation(this.dataSource.length, seededGenerator());
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const generator = this.generator ?? seededGenerator();
    const examples = this.dataSource.length;
    if (this.length === 0) return;
    if (examples === 0) throw expected("RandomSampler", "at least one example", "dataSource", 0);
    // How many PyTorch draws at once. Positions past the last one that is wanted are dropped.
    const chunk = this.replacement ? 32 : examples;
    const draw = (count: number) =>
      this.replacement ? randomPositions(examples, count, generator) : permutation(examples, generator);
    for (let left = this.length; left >= 0; left -= chunk) {
      const count = Math.min(left, chunk);
      // PyTorch draws once more here, which shows in a generator that others share.
      if (count === 0 && this.generator === null) return;
      const drawn = draw(count);
      for (let i = 0; i < count; i++) yield drawn[i] as number;
    }
  }
}

/** The given positions, in a new random order each time. */
export class SubsetRandomSampler implements Sampler {
  readonly drawsAtOnce = true;
  readonly indices: ArrayLike<number>;
  readonly generator: Generator | null;

  constructor(indices: ArrayLike<number>, options: Partial<GeneratorOption> = {}) {
    const where = "SubsetRandomSampler";
    const { generator } = mergeOptions<GeneratorOption>(where, { generator: null }, options);
    this.indices = checkSized(where, "indices", indices);
    this.generator = checkGenerator(where, generator);
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (const i of permutation(this.indices.length, this.generator)) yield this.indices[i] as number;
  }
}

/** Cuts what a sampler gives into batches. */
export class BatchSampler implements Sampler<number[]> {
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;

  /** @param options.dropLast - leave out a last batch that is smaller than the others; false by default */
  constructor(sampler: Sampler, batchSize: number, options: { dropLast?: boolean } = {}) {
    const where = "BatchSampler";
    this.sampler = checkSampler(where, "sampler", sampler);
    this.batchSize = number(where, "batchSize", batchSize, { min: 1, integer: true });
    this.dropLast = boolean(where, "dropLast", mergeOptions(where, { dropLast: false }, options).dropLast);
  }

  get length(): number {
    return batchCount(this.sampler.length, this.batchSize, this.dropLast);
  }

  get drawsAtOnce(): boolean {
    return this.sampler.drawsAtOnce === true;
  }

  /** How many positions each batch has, in order. */
  batchSizes(): number[] {
    return Array.from({ length: this.length }, (_, i) =>
      Math.min(this.batchSize, this.sampler.length - i * this.batchSize),
    );
  }

  /** What iterating gives; views of one array, where the sampler draws a whole order at once. */
  *positions(): IterableIterator<ArrayLike<number>> {
    const order = this.sampler instanceof RandomSampler ? this.sampler.order() : null;
    if (order === null) return yield* this;
    for (let start = 0; start < order.length; start += this.batchSize) {
      const batch = order.subarray(start, start + this.batchSize);
      if (batch.length === this.batchSize || !this.dropLast) yield batch;
    }
  }

  *[Symbol.iterator](): IterableIterator<number[]> {
    let batch: number[] = [];
    for (const position of this.sampler) {
      batch.push(position);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}

/** How many batches a number of examples makes. */
export function batchCount(examples: number, batchSize: number, dropLast: boolean): number {
  return dropLast ? Math.floor(examples / batchSize) : Math.ceil(examples / batchSize);
}

/** Draws 63 bits, as `torch.empty((), dtype=torch.int64).random_(generator=generator).item()` does. */
export function drawSeed(generator: Generator | null): Seed {
  return scope(() => empty([], { dtype: "int64" }).random_({ generator }).item());
}

/** A generator that is seeded from the global one. */
export function seededGenerator(): Generator {
  return new Generator().manualSeed(drawSeed(null));
}

/** The positions below `length` in random order. */
export function permutation(length: number, generator: Generator | null): Int32Array {
  return scope(() => randperm(length, { generator }).to("int32").toTypedArray() as Int32Array);
}

function randomPositions(limit: number, count: number, generator: Generator): Int32Array {
  const drawn = () => randint(limit, [count], { dtype: "int64", generator });
  return scope(() => drawn().to("int32").toTypedArray() as Int32Array);
}

export function checkGenerator(where: string, generator: unknown): Generator | null {
  if (generator === null || generator instanceof Generator) return generator;
  throw expected(where, "a torch.Generator or null", "generator", generator);
}

/** @throws TypeError for what cannot be iterated anew, or does not know its length. */
export function checkSampler<T extends Sampler<unknown>>(where: string, name: string, sampler: T): T {
  const isIterable = typeof (sampler as T | null)?.[Symbol.iterator] === "function";
  if (typeof sampler === "object" && isIterable) return checkSized(where, name, sampler);
  throw expected(where, "an iterable of positions with a length", name, sampler);
}

/** @throws TypeError for what has no length. */
export function checkSized<T extends Sized>(where: string, name: string, value: T): T {
  const length = (value as T | null)?.length;
  if (typeof value === "object" && Number.isSafeInteger(length) && Number(length) >= 0) return value;
  throw expected(where, "something with a length", name, value);
}
