import { expected } from "../errors.ts";
import { boolean, mergeOptions, number } from "../options.ts";
import { Generator } from "../torch/random.ts";
import type { Batch } from "./batch.ts";
import { collateDicts } from "./collate.ts";
import { DictDataset } from "./dict-dataset.ts";
import { LoaderIterator } from "./loader-iterator.ts";
import type { Collate } from "./types.ts";

export interface DictDataLoaderOptions {
  /** How many examples a batch has; 1 by default. The last one may be smaller. */
  batchSize: number;
  /** Give the examples in a new random order at each pass; false by default. */
  shuffle: boolean;
  /** Leave out a last batch that is smaller than the others; false by default. */
  dropLast: boolean;
  /**
   * How examples become a batch; {@link collateDicts} by default. An asynchronous one needs `for await`. A synchronous
   * one may run inside a `torch.scope`: `keep()` tensors that are to serve for later batches too.
   */
  collate: Collate;
  /** What to draw orders from; PyTorch's global generator by default (null). */
  generator: Generator | null;
}

const defaults: DictDataLoaderOptions = {
  batchSize: 1,
  shuffle: false,
  dropLast: false,
  collate: collateDicts,
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
export class DictDataLoader {
  readonly dataset: DictDataset;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly collate: Collate;
  readonly generator: Generator | null;

  /** @throws TypeError for anything but a DictDataset, and for an option that is unknown or of the wrong kind. */
  constructor(dataset: DictDataset, options: Partial<DictDataLoaderOptions> = {}) {
    const where = "DictDataLoader";
    if (!(dataset instanceof DictDataset)) throw expected(where, "a DictDataset", "dataset", dataset);
    const { batchSize, shuffle, dropLast, collate, generator } = mergeOptions(where, defaults, options);
    if (typeof collate !== "function") throw expected(where, "a function", "collate", collate);
    if (generator !== null && !(generator instanceof Generator)) {
      throw expected(where, "a torch.Generator or null", "generator", generator);
    }
    this.dataset = dataset;
    this.batchSize = number(where, "batchSize", batchSize, { min: 1, integer: true });
    this.shuffle = boolean(where, "shuffle", shuffle);
    this.dropLast = boolean(where, "dropLast", dropLast);
    this.collate = collate;
    this.generator = generator;
  }

  /** The number of batches. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** How many examples each batch has, in order. */
  batchSizes(): number[] {
    const examples = this.dataset.length;
    return Array.from({ length: this.length }, (_, i) =>
      Math.min(this.batchSize, examples - i * this.batchSize),
    );
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

function* pull(iterator: LoaderIterator): IterableIterator<Batch> {
  for (let batch = iterator.nextBatch(); batch !== null; batch = iterator.nextBatch()) yield batch;
}

async function* pullAsync(iterator: LoaderIterator): AsyncIterableIterator<Batch> {
  for (let batch = await iterator.next(); batch !== null; batch = await iterator.next()) {
    yield batch;
  }
}
