import { expected } from "../errors.ts";
import { boolean, mergeOptions, number } from "../options.ts";
import type { Generator } from "../torch/random.ts";
import { RaggedField } from "./ragged.ts";
import {
  batchCount,
  checkGenerator,
  checkSized,
  type GeneratorOption,
  permutation,
  type Sampler,
  seededGenerator,
} from "./samplers.ts";

/** Options of a {@link BucketBatchSampler}. */
export interface BucketBatchSamplerOptions extends GeneratorOption {
  /**
   * The greatest length of each bucket, rising; longer examples make one more. Batches are of one bucket then, so that
   * together with a field's `padTo` few widths occur. By default ([]) there are no fixed buckets.
   */
  buckets: readonly number[];
  /**
   * Where there are no fixed buckets: this many batches' worth of examples at a time are sorted by length and cut into
   * batches; 100 by default. More make batches of more equal lengths, 1 leaves them as they come.
   */
  bucketSizeMultiplier: number;
  /** Draw examples and batches in a new random order each time; true by default. */
  shuffle: boolean;
  /** Leave out batches that are smaller than the others, of which every bucket may have one; false by default. */
  dropLast: boolean;
}

const where = "BucketBatchSampler";
const defaults: BucketBatchSamplerOptions = {
  buckets: [],
  bucketSizeMultiplier: 100,
  shuffle: true,
  dropLast: false,
  generator: null,
};

/** Batches of examples of similar length, which need little padding. Every example comes once in an epoch. */
export class BucketBatchSampler implements Sampler<number[]> {
  readonly drawsAtOnce = true;
  readonly lengths: Float64Array;
  readonly batchSize: number;
  readonly buckets: readonly number[];
  readonly bucketSizeMultiplier: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly generator: Generator | null;
  readonly length: number;

  /**
   * @param lengths - the length of each example, or the field whose lengths count
   * @throws TypeError for a length that is no number, at least 0, and buckets that do not rise.
   */
  constructor(
    lengths: ArrayLike<number> | RaggedField,
    batchSize: number,
    options: Partial<BucketBatchSamplerOptions> = {},
  ) {
    const given = mergeOptions(where, defaults, options);
    const multiplier = given.bucketSizeMultiplier;
    this.lengths = readLengths(lengths);
    this.batchSize = number(where, "batchSize", batchSize, { min: 1, integer: true });
    this.buckets = readBuckets(given.buckets);
    this.bucketSizeMultiplier = number(where, "bucketSizeMultiplier", multiplier, { min: 1, integer: true });
    this.shuffle = boolean(where, "shuffle", given.shuffle);
    this.dropLast = boolean(where, "dropLast", given.dropLast);
    this.generator = checkGenerator(where, given.generator);
    this.length = this.#groups(Array.from(this.lengths.keys()))
      .map((group) => batchCount(group.length, this.batchSize, this.dropLast))
      .reduce((sum, count) => sum + count, 0);
  }

  *[Symbol.iterator](): IterableIterator<number[]> {
    const examples = this.lengths.length;
    const generator = this.shuffle ? (this.generator ?? seededGenerator()) : null;
    const order = generator ? permutation(examples, generator) : this.lengths.keys();
    const batches = this.#groups(Array.from(order)).flatMap((group) => this.#cut(group));
    if (generator === null) yield* batches;
    else for (const i of permutation(batches.length, generator)) yield batches[i] as number[];
  }

  /** The examples that may share a batch: those of one bucket, or as many as are sorted at a time. */
  #groups(order: number[]): number[][] {
    const lengthOf = (i: number) => this.lengths[i] as number;
    if (this.buckets.length > 0) {
      const groups: number[][] = [...this.buckets, null].map(() => []);
      for (const i of order) groups[bucketOf(this.buckets, lengthOf(i))]?.push(i);
      return groups;
    }
    const size = this.batchSize * this.bucketSizeMultiplier;
    const starts = Array.from({ length: Math.ceil(order.length / size) }, (_, i) => i * size);
    return starts.map((start) => order.slice(start, start + size).sort((a, b) => lengthOf(a) - lengthOf(b)));
  }

  #cut(group: number[]): number[][] {
    const count = batchCount(group.length, this.batchSize, this.dropLast);
    return Array.from({ length: count }, (_, i) => group.slice(i * this.batchSize, (i + 1) * this.batchSize));
  }
}

/** The first bucket that is long enough; one past the last if none is. */
function bucketOf(buckets: readonly number[], length: number): number {
  const found = buckets.findIndex((limit) => length <= limit);
  return found >= 0 ? found : buckets.length;
}

function readLengths(given: ArrayLike<number> | RaggedField): Float64Array {
  const lengths = given instanceof RaggedField ? given.lengths : checkSized(where, "lengths", given);
  const values = Float64Array.from(lengths, Number);
  const odd = values.findIndex((length) => !(length >= 0));
  if (odd >= 0) throw expected(where, "a number at least 0", `lengths[${odd}]`, lengths[odd]);
  return values;
}

function readBuckets(buckets: readonly number[]): readonly number[] {
  if (!Array.isArray(buckets)) throw expected(where, "an array of lengths", "buckets", buckets);
  for (const [i, limit] of buckets.entries()) {
    number(where, `buckets[${i}]`, limit, i === 0 ? { min: 0 } : { above: buckets[i - 1] as number });
  }
  return [...buckets];
}
