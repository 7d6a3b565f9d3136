import { expected } from "../errors.ts";
import { boolean, mergeOptions, number } from "../options.ts";
import type { Generator } from "../torch/random.ts";
import type { Batch } from "./batch.ts";
import { collateDicts } from "./collate.ts";
import { type DataLoader, type DatasetInfo, pullAsync } from "./data-loader.ts";
import { checkGenerator, type GeneratorOption } from "./samplers.ts";
import { StreamIterator } from "./stream-iterator.ts";
import type { Collate, Example } from "./types.ts";

/** What a stream is read from: pairs [xDict, yDict], of one example each or of a whole batch. */
export type StreamSource = Iterable<Example | Promise<Example>> | AsyncIterable<Example>;

/** Options of a {@link StreamDataLoader}. */
export interface StreamDataLoaderOptions extends GeneratorOption {
  /** The name of the data, under which its metrics are reported. */
  name: string;
  /** The split that the data is, such as "train". */
  split: string;
  /** The labels that every example has, -1 where there is none. May be empty: such data can be predicted. */
  labelNames: readonly string[];
  /**
   * Opens the source, once for each pass: an async generator, a Node stream of objects, an array... Its `return` is called
   * where a pass ends before it; the signal is aborted then too, so that a source that waits can give up.
   */
  source: (pass: { signal: AbortSignal }) => StreamSource | Promise<StreamSource>;
  /** How many examples make a batch; null (default) where the source gives whole batches. */
  batchSize: number | null;
  /** Leave out a last batch that is smaller than the others; false by default. */
  dropLast: boolean;
  /** How examples become a batch; {@link collateDicts} by default. Only with a `batchSize`. */
  collate: Collate;
  /**
   * How many batches a pass has: what training needs to know for its schedules. A source that ends before is an error, one
   * that goes on is ended with a warning. By default (null) a pass ends with its source, for predicting and scoring.
   */
  length: number | null;
  /** How many batches are read ahead while one is in use, and no more; 2 by default. */
  prefetch: number;
  /** Give the items of the source in a random order, drawn from this many at a time; 0 (default) for their own order. */
  shuffleBuffer: number;
  /**
   * Whether the tensors that the source gives belong to the loader, which then frees them as soon as a batch was used, or
   * given up. By default (false) they are left to the collector, because a source may give the same ones again.
   */
  ownsTensors: boolean;
}

const where = "StreamDataLoader";
const defaults = {
  name: undefined as unknown as string,
  split: undefined as unknown as string,
  labelNames: undefined as unknown as readonly string[],
  source: undefined as unknown as StreamDataLoaderOptions["source"],
  batchSize: null,
  dropLast: false,
  collate: collateDicts,
  length: null,
  prefetch: 2,
  shuffleBuffer: 0,
  ownsTensors: false,
  generator: null,
} satisfies StreamDataLoaderOptions;

/** @inline */
type Required = "name" | "split" | "labelNames" | "source";

/**
 * Batches from a source that is read as it comes: files, a database, the network. To be given to `fit`, `predict` and
 * `score` as a {@link DictDataLoader} is, or read with `for await`.
 *
 * @see https://pytorch.org/docs/stable/data.html#iterable-style-datasets
 */
export class StreamDataLoader implements DataLoader {
  readonly dataset: DatasetInfo;
  readonly options: Readonly<StreamDataLoaderOptions>;

  /** @throws TypeError for an option that is missing, unknown or of the wrong kind. */
  constructor(options: Pick<StreamDataLoaderOptions, Required> & Partial<StreamDataLoaderOptions>) {
    const given = mergeOptions<StreamDataLoaderOptions>(where, defaults, options);
    const { name, split, labelNames, source, collate, batchSize, length } = given;
    for (const [key, text] of Object.entries({ name, split })) {
      if (typeof text !== "string") throw expected(where, "a string", key, text);
    }
    if (!Array.isArray(labelNames) || !labelNames.every((label) => typeof label === "string")) {
      throw expected(where, "an array of names", "labelNames", labelNames);
    }
    for (const [key, value] of Object.entries({ source, collate })) {
      if (typeof value !== "function") throw expected(where, "a function", key, value);
    }
    if (batchSize !== null) number(where, "batchSize", batchSize, { min: 1, integer: true });
    else if (collate !== collateDicts || given.dropLast) {
      throw expected(where, "a number, as `collate` and `dropLast` need,", "batchSize", batchSize);
    }
    if (length !== null) number(where, "length", length, { min: 0, integer: true });
    number(where, "prefetch", given.prefetch, { min: 0, integer: true });
    number(where, "shuffleBuffer", given.shuffleBuffer, { min: 0, integer: true });
    for (const key of ["dropLast", "ownsTensors"] as const) boolean(where, key, given[key]);
    checkGenerator(where, given.generator);
    this.dataset = { name, split, labelNames: [...labelNames] };
    this.options = given;
  }

  get generator(): Generator | null {
    return this.options.generator;
  }

  /**
   * The number of batches.
   * @throws TypeError where none was given.
   */
  get length(): number {
    const { length } = this.options;
    if (length !== null) return length;
    const remedy = "Say how many batches a pass has: training needs to know";
    throw expected(`${this}`, "a number", "length", length, remedy);
  }

  batchSizes(): null[] {
    return new Array(this.length).fill(null);
  }

  /** Starts a pass. The source is opened when its first batch is asked for. */
  iterate(): StreamIterator {
    return new StreamIterator(this);
  }

  toString(): string {
    return `${where} ${this.dataset.name}/${this.dataset.split}`;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Batch> {
    return pullAsync(this.iterate());
  }
}
