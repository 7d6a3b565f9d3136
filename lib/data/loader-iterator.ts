import { expected } from "../errors.ts";
import { outliveIfAsync } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import { type Batch, collatedBatch, gatherBatch } from "./batch.ts";
import { collateDicts, collatePadded } from "./collate.ts";
import { atOnce, type BatchIterator } from "./data-loader.ts";
import type { DictDataLoader } from "./dict-data-loader.ts";
import type { DictDataset } from "./dict-dataset.ts";
import { RaggedField } from "./ragged.ts";
import { ReadAhead } from "./read-ahead.ts";
import { BatchSampler, drawSeed } from "./samplers.ts";
import type { Example } from "./types.ts";

const where = "DictDataLoader";

/**
 * One pass over a loader.
 *
 * Making it draws once from the global generator (or the loader's own), shuffled or not, and the first batch of a
 * shuffled pass draws its order: what PyTorch's `iter(loader)` and the first `next` draw.
 */
export class LoaderIterator implements BatchIterator {
  readonly #loader: DictDataLoader;
  readonly #positions: Iterator<ArrayLike<number>>;
  readonly #ahead: ReadAhead;
  /** How many batches may be started ahead: those of the pass, so that the end is asked for by its user alone. */
  #left: number;
  #isDone = false;
  #isStarted = false;

  constructor(loader: DictDataLoader) {
    this.#loader = loader;
    this.#left = loader.length;
    const { batchSampler } = loader;
    const isOurs = batchSampler instanceof BatchSampler && batchSampler.constructor === BatchSampler;
    this.#positions = isOurs ? batchSampler.positions() : batchSampler[Symbol.iterator]();
    this.#ahead = new ReadAhead(() => this.#startNext(), loader.prefetch);
    // PyTorch draws a seed for worker processes here, even where there are none.
    drawSeed(loader.generator);
  }

  get isSettled(): boolean {
    return this.#isStarted && this.#loader.batchSampler.drawsAtOnce === true;
  }

  /** The positions of the next batch's examples, or null at the end. */
  nextIndices(): Int32Array | null {
    if (this.#isDone) return null;
    this.#isStarted = true;
    const { done, value } = this.#positions.next();
    this.#isDone = done === true;
    this.#left--;
    return this.#isDone ? null : checkPositions(value, this.#loader.dataset.length);
  }

  /**
   * The next batch, a promise of it where the loader's collate is asynchronous, or null at the end.
   * @throws TypeError for a position of a sampler that the dataset does not have.
   */
  next(): Batch | Promise<Batch | null> | null {
    const waiting = this.#ahead.take();
    if (waiting !== null) return waiting;
    const indices = this.nextIndices();
    if (indices === null) return null;
    const batch = outliveIfAsync(() => this.#assemble(indices));
    if (batch instanceof Promise) this.#ahead.fill();
    return batch;
  }

  /**
   * The next batch, or null at the end. Its tensors belong to the innermost open `torch.scope`.
   * @throws TypeError if the loader's collate is asynchronous.
   */
  nextBatch(): Batch | null {
    return atOnce(this.next());
  }

  exhaust(): void {
    this.nextIndices();
  }

  close(): void {
    this.#ahead.close();
    if (!this.#isDone) this.#positions.return?.();
    this.#isDone = true;
  }

  #startNext(): Promise<Batch | null> | null {
    if (this.#left <= 0) return null;
    return outliveIfAsync(async () => {
      const indices = this.nextIndices();
      if (indices === null) return null;
      return this.#assemble(indices);
    });
  }

  #assemble(indices: Int32Array): Batch | Promise<Batch> {
    const { dataset, collate } = this.#loader;
    const isDefault = collate === collateDicts;
    if (this.#loader.isGathered) return gatherBatch(dataset, indices);
    const examples = Array.from(indices, (i) => dataset.get(i));
    const collated = isDefault ? collateAs(dataset, examples) : collate(examples);
    if (collated instanceof Promise)
      return collated.then((pair) => collatedBatch(where, pair, indices, false));
    return collatedBatch(where, collated, indices, isDefault);
  }
}

/** Collates what a dataset's own `get` gave, with the padding of its ragged fields where that gave rows. */
function collateAs({ xDict }: DictDataset, examples: Example[]): Example {
  const rowsOf = (name: string) => examples.map(([x]) => x[name]);
  const isRow = (value: unknown) => value instanceof Tensor && value.shape.length === 1;
  const paddings = Object.entries(xDict).flatMap(([name, field]) =>
    field instanceof RaggedField && rowsOf(name).every(isRow) ? [[name, field.padding] as const] : [],
  );
  return collatePadded(examples, Object.fromEntries(paddings));
}

function checkPositions(given: ArrayLike<number>, examples: number): Int32Array {
  if (typeof given !== "object" || given === null || !(given.length > 0)) {
    throw expected(where, "an array of at least one position", "a batch of batchSampler", given);
  }
  const positions = new Int32Array(given);
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number;
    if (given[i] === position && position >= 0 && position < examples) continue;
    const what = `a position from 0 to ${examples - 1}, for there are ${examples} examples,`;
    throw expected(where, what, "a position of the sampler", given[i], "Change datasets between epochs");
  }
  return positions;
}
