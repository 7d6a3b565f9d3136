import { expected } from "../errors.ts";
import type { Batch } from "./batch.ts";

/** What is known of a dataset before its first batch. */
export interface DatasetInfo {
  /** The name under which its metrics are reported. */
  readonly name: string;
  /** The split that the data is, such as "train". */
  readonly split: string;
  /** The names of its labels, each of which is to train a task. */
  readonly labelNames: readonly string[];
}

/** One pass over a loader, whose batches are pulled one by one. */
export interface BatchIterator {
  /**
   * The next batch, or null at the end; a promise where it is not there at once. The tensors of a batch that is there
   * belong to the innermost open `torch.scope`.
   */
  next(): Batch | null | Promise<Batch | null>;
  /**
   * Whether the next batch's examples are known already, so that to ask for them ahead of time draws from no generator.
   * What leaves it out is taken not to know.
   */
  readonly isSettled?: boolean;
  /**
   * The positions of the next batch's examples, or null at the end: instead of the batch itself, where to gather these
   * from the dataset is all that the loader does.
   */
  nextIndices?(): Int32Array | null;
  /** Asks past the last batch, without taking another one: the draws that Python's `for` makes when it ends. */
  exhaust(): void;
  /** Ends the pass, early or not: lets go of the source, and frees the batches that were made ahead. */
  close(): void;
}

/** Where batches come from: what training, predicting and scoring need to know of it. */
export interface DataLoader {
  readonly dataset: DatasetInfo;
  /** The number of batches of a pass. */
  readonly length: number;
  /** How many examples each batch has, in order; null for one that only shows when it is there. */
  batchSizes(): (number | null)[];
  /** Starts a pass. */
  iterate(): BatchIterator;
  [Symbol.asyncIterator](): AsyncIterableIterator<Batch>;
}

/** @throws TypeError for something that is no loader. */
export function checkLoader(where: string, name: string, value: unknown): asserts value is DataLoader {
  const { dataset, iterate } = (value ?? {}) as Partial<DataLoader>;
  if (typeof dataset === "object" && dataset !== null && typeof iterate === "function") return;
  throw expected(where, "a loader", name, value, "Make one of a dataset: new DictDataLoader(dataset)");
}

/** @throws TypeError for something that is no array of loaders. */
export function checkLoaders(where: string, value: unknown): asserts value is readonly DataLoader[] {
  if (!Array.isArray(value)) throw expected(where, "an array of loaders", "loaders", value);
  for (const [i, loader] of value.entries()) checkLoader(where, `loaders[${i}]`, loader);
}

/** How many batches a pass over each of some loaders gives. */
export function countBatches(loaders: readonly DataLoader[]): number {
  return loaders.reduce((sum, loader) => sum + loader.length, 0);
}

/** What a pass gives, without waiting. @throws TypeError for a batch that is not there at once. */
export function atOnce(batch: Batch | null | Promise<Batch | null>): Batch | null {
  if (!(batch instanceof Promise)) return batch;
  batch.then(
    (late) => late?.dispose(),
    () => {},
  );
  const remedy = "Use `for await (const batch of loader)` with an asynchronous one, and with a stream";
  throw expected("DataLoader", "a synchronous collate", "collate", batch, remedy);
}

/** The rest of a pass, for `for await`. */
export async function* pullAsync(iterator: BatchIterator): AsyncIterableIterator<Batch> {
  try {
    for (let batch = await iterator.next(); batch !== null; batch = await iterator.next()) yield batch;
  } finally {
    iterator.close();
  }
}
