import { expected } from "../errors.ts";
import { type Batch, collatedBatch, gatherBatch } from "./batch.ts";
import { collateDicts } from "./collate.ts";
import type { DictDataLoader } from "./dict-data-loader.ts";
import { DictDataset } from "./dict-dataset.ts";
import { drawSeed, RandomSampler, type Sampler, SequentialSampler } from "./samplers.ts";

/**
 * One pass over a loader.
 *
 * Making it draws once from the global generator (or the loader's own), shuffled or not, and the first batch of a
 * shuffled pass draws its order: what PyTorch's `iter(loader)` and the first `next` draw.
 */
export class LoaderIterator {
  readonly #loader: DictDataLoader;
  readonly #sampler: Sampler;
  #isDone = false;

  constructor(loader: DictDataLoader) {
    const { dataset, generator, shuffle } = loader;
    this.#loader = loader;
    this.#sampler = shuffle ? new RandomSampler(dataset, generator) : new SequentialSampler(dataset);
    // PyTorch draws a seed for worker processes here, even where there are none.
    drawSeed(generator);
  }

  /** The positions of the next batch's examples, or null at the end. */
  nextIndices(): Int32Array | null {
    if (this.#isDone) return null;
    const { batchSize, dropLast } = this.#loader;
    const indices = this.#sampler.take(batchSize);
    if (indices.length === batchSize || (indices.length > 0 && !dropLast)) return indices;
    this.#isDone = true;
    return null;
  }

  /** The next batch, a promise of it where the loader's collate is asynchronous, or null at the end. */
  next(): Batch | Promise<Batch> | null {
    const indices = this.nextIndices();
    return indices && this.#assemble(indices);
  }

  /**
   * The next batch, or null at the end. Its tensors belong to the innermost open `torch.scope`.
   * @throws TypeError if the loader's collate is asynchronous.
   */
  nextBatch(): Batch | null {
    const batch = this.next();
    if (!(batch instanceof Promise)) return batch;
    batch.catch(() => {});
    throw expected(
      "DictDataLoader",
      "a synchronous collate",
      "collate",
      batch,
      "Use `for await (const batch of loader)` with an asynchronous one",
    );
  }

  #assemble(indices: Int32Array): Batch | Promise<Batch> {
    const { dataset, collate } = this.#loader;
    const isDefault = collate === collateDicts;
    if (isDefault && dataset.get === DictDataset.prototype.get) return gatherBatch(dataset, indices);
    const collated = collate(Array.from(indices, (i) => dataset.get(i)));
    if (collated instanceof Promise) return collated.then((pair) => collatedBatch(pair, indices, false));
    return collatedBatch(collated, indices, isDefault);
  }
}
