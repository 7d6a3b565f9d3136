import { expected } from "../errors.ts";
import { boolean, mergeOptions, number } from "../options.ts";
import type { Generator } from "../torch/random.ts";
import type { Batch } from "./batch.ts";
import { collateDicts } from "./collate.ts";
import { type DataLoader, pullAsync } from "./data-loader.ts";
import { DictDataset } from "./dict-dataset.ts";
import { LoaderIterator } from "./loader-iterator.ts";
import {
  type BatchedSampler,
  BatchSampler,
  checkGenerator,
  checkSampler,
  type GeneratorOption,
  RandomSampler,
  type Sampler,
  SequentialSampler,
} from "./samplers.ts";
import type { Collate } from "./types.ts";

/** Options of a {@link DictDataLoader}. */
export interface DictDataLoaderOptions extends GeneratorOption {
  /** How many examples a batch has; 1 by default. The last one may be smaller. */
  batchSize: number;
  /** Give the examples in a new random order at each pass; false by default. */
  shuffle: boolean;
  /** Leave out a last batch that is smaller than the others; false by default. */
  dropLast: boolean;
  /** Which examples a pass takes, in which order, instead of `shuffle`; null by default. */
  sampler: Sampler | null;
  /** Which examples each batch has, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`; null by default. */
  batchSampler: BatchedSampler | null;
  /**
   * How examples become a batch; {@link collateDicts} by default. An asynchronous one needs `for await`. A synchronous
   * one may run inside a `torch.scope`: `keep()` tensors that are to serve for later batches too.
   */
  collate: Collate;
  /**
   * How many batches an asynchronous collate makes ahead, while one is in use; 0 by default. The sampler is asked for
   * their positions ahead, too: one of the user's own that draws for each batch then draws earlier.
   */
  prefetch: number;
}

const defaults: DictDataLoaderOptions = {
  batchSize: 1,
  shuffle: false,
  dropLast: false,
  sampler: null,
  batchSampler: null,
  collate: collateDicts,
  prefetch: 0,
  generator: null,
};

/**
 * Cuts a dataset into batches: `for (const [x, y] of loader)`, or `for await`.
 *
 * The tensors of a batch belong to the innermost `torch.scope`. Outside of one they are freed by `batch.dispose()`, or
 * late, by the collector.
 *
 * @see snorkel.classification.DictDataLoader
 */
export class DictDataLoader implements DataLoader {
  readonly dataset: DictDataset;
  /** Null where a `batchSampler` decides. */
  readonly batchSize: number | null;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly sampler: Sampler | null;
  readonly batchSampler: BatchedSampler;
  readonly collate: Collate;
  readonly prefetch: number;
  readonly generator: Generator | null;

  /**
   * @throws TypeError for anything but a DictDataset, for an option that is unknown or of the wrong kind, and for options
   *   that exclude each other.
   */
  constructor(dataset: DictDataset, options: Partial<DictDataLoaderOptions> = {}) {
    const where = "DictDataLoader";
    if (!(dataset instanceof DictDataset)) throw expected(where, "a DictDataset", "dataset", dataset);
    const given = mergeOptions(where, defaults, options);
    if (typeof given.collate !== "function") throw expected(where, "a function", "collate", given.collate);
    this.dataset = dataset;
    this.shuffle = boolean(where, "shuffle", given.shuffle);
    this.dropLast = boolean(where, "dropLast", given.dropLast);
    this.collate = given.collate;
    this.prefetch = number(where, "prefetch", given.prefetch, { min: 0, integer: true });
    this.generator = checkGenerator(where, given.generator);
    const batchSize = number(where, "batchSize", given.batchSize, { min: 1, integer: true });
    checkExclusive(where, given);
    if (given.batchSampler !== null) {
      this.batchSize = null;
      this.sampler = null;
      this.batchSampler = checkSampler(where, "batchSampler", given.batchSampler);
    } else {
      const { generator, dropLast } = this;
      this.batchSize = batchSize;
      this.sampler =
        given.sampler === null
          ? this.shuffle
            ? new RandomSampler(dataset, { generator })
            : new SequentialSampler(dataset)
          : checkSampler(where, "sampler", given.sampler);
      this.batchSampler = new BatchSampler(this.sampler, batchSize, { dropLast });
    }
  }

  /** The number of batches. */
  get length(): number {
    return this.batchSampler.length;
  }

  /** Whether a batch is what lies at its positions in the dataset, and no code of the user's has a part in it. */
  get isGathered(): boolean {
    return this.collate === collateDicts && this.dataset.get === DictDataset.prototype.get;
  }

  batchSizes(): (number | null)[] {
    if (this.batchSampler instanceof BatchSampler) return this.batchSampler.batchSizes();
    return new Array(this.length).fill(null);
  }

  /** Starts a pass, whose batches are pulled one by one. */
  iterate(): LoaderIterator {
    return new LoaderIterator(this);
  }

  [Symbol.iterator](): IterableIterator<Batch> {
    return pull(this.iterate());
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Batch> {
    return pullAsync(this.iterate());
  }
}

/** PyTorch's rules: a sampler decides on the order, a sampler of batches on everything. */
function checkExclusive(where: string, given: DictDataLoaderOptions): void {
  if (given.sampler !== null && given.shuffle) {
    throw expected(where, "false", "shuffle", true, "A `sampler` decides on the order");
  }
  if (given.batchSampler === null) return;
  for (const name of ["batchSize", "shuffle", "sampler", "dropLast"] as const) {
    if (given[name] === defaults[name]) continue;
    throw expected(where, "no such option", name, given[name], "A `batchSampler` decides on it");
  }
}

function* pull(iterator: LoaderIterator): IterableIterator<Batch> {
  try {
    for (let batch = iterator.nextBatch(); batch !== null; batch = iterator.nextBatch()) yield batch;
  } finally {
    iterator.close();
  }
}
