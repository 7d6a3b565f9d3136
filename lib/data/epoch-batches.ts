import type { Batch } from "./batch.ts";
import {
  type BatchScheduler,
  type BatchSchedulerName,
  createBatchScheduler,
  type Turn,
} from "./batch-schedulers.ts";
import type { DictDataLoader } from "./dict-data-loader.ts";

/** The batches of one epoch over several loaders, pulled one by one. */
export class EpochBatches {
  /** How many examples each batch of the epoch has, in order. */
  readonly sizes: readonly number[];
  readonly #turns: Iterator<Turn>;
  #position = 0;

  constructor(scheduler: BatchScheduler, loaders: readonly DictDataLoader[]) {
    const schedule = scheduler.schedule(loaders);
    const sizes = loaders.map((loader) => loader.batchSizes().values());
    this.sizes = schedule.map((index) => sizes[index]?.next().value ?? 0);
    this.#turns = scheduler.turns(loaders, schedule)[Symbol.iterator]();
  }

  /** How many batches have been pulled. */
  get position(): number {
    return this.#position;
  }

  /**
   * The next batch and its loader. The batch is a promise where the loader's collate is asynchronous; else its tensors
   * belong to the innermost open `torch.scope`.
   * @throws RangeError past the end of the epoch, and if a dataset lost examples since its beginning.
   */
  next(): { batch: Batch | Promise<Batch>; loader: DictDataLoader } {
    const turn = this.#turns.next();
    const batch = turn.done ? null : turn.value.iterator.next();
    if (turn.done || batch === null) {
      const count = `${this.sizes.length} batches, as at the start of the epoch`;
      throw new RangeError(
        `[EpochBatches.next] expected ${count}, got ${this.#position}. Change datasets between epochs`,
      );
    }
    this.#position++;
    // What the scheduler does after its last batch, nobody would ask for.
    if (this.#position === this.sizes.length) this.#turns.next();
    return { batch, loader: turn.value.loader };
  }
}

/** Starts an epoch: draws the order in which it takes the batches of the loaders. */
export function openEpoch(scheduler: BatchSchedulerName, loaders: readonly DictDataLoader[]): EpochBatches {
  return new EpochBatches(createBatchScheduler(scheduler), loaders);
}
