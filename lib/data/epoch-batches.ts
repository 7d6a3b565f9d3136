import type { Batch } from "./batch.ts";
import {
  type BatchScheduler,
  type BatchSchedulerName,
  createBatchScheduler,
  type Turn,
} from "./batch-schedulers.ts";
import type { BatchIterator, DataLoader } from "./data-loader.ts";

/** The batches of one epoch over several loaders, pulled one by one. */
export class EpochBatches {
  /** How many examples each batch of the epoch has, in order; null for one that only shows when it is there. */
  readonly sizes: readonly (number | null)[];
  readonly #loaders: readonly DataLoader[];
  readonly #schedule: readonly number[];
  readonly #turns: Iterator<Turn>;
  /** The pass over each loader that has had a turn. */
  readonly #opened = new Map<DataLoader, BatchIterator>();
  #position = 0;

  constructor(scheduler: BatchScheduler, loaders: readonly DataLoader[]) {
    const schedule = scheduler.schedule(loaders);
    this.#loaders = loaders;
    this.#schedule = schedule;
    const sizes = loaders.map((loader) => loader.batchSizes().values());
    this.sizes = schedule.map((index) => sizes[index]?.next().value ?? null);
    this.#turns = scheduler.turns(loaders, schedule)[Symbol.iterator]();
  }

  /** How many batches have been pulled. */
  get position(): number {
    return this.#position;
  }

  /** The loader of the next batch; undefined past the end of the epoch. */
  get nextLoader(): DataLoader | undefined {
    return this.#loaders[this.#schedule[this.#position] ?? -1];
  }

  /** Whether the next batch can be asked for ahead of time: to do so draws from no generator. */
  get isNextSettled(): boolean {
    const loader = this.nextLoader;
    return loader !== undefined && this.#opened.get(loader)?.isSettled === true;
  }

  /**
   * The positions of the next batch's examples in its loader's dataset, instead of the batch.
   * @throws RangeError as {@link next} does.
   */
  nextIndices(): Int32Array {
    const position = this.#position;
    const indices = this.#takeTurn()?.iterator.nextIndices?.() ?? null;
    if (indices === null) throw this.#tooFew(position);
    this.#position++;
    this.#finishAfterLast(position);
    return indices;
  }

  /**
   * The next batch and its loader. The batch is a promise where it is not there at once; else its tensors belong to the
   * innermost open `torch.scope`.
   * @throws RangeError past the end of the epoch, and if a loader gives fewer batches than it said at its beginning.
   */
  next(): { batch: Batch | Promise<Batch>; loader: DataLoader } {
    const position = this.#position;
    const turn = this.#takeTurn();
    const batch = turn?.iterator.next() ?? null;
    if (turn === null || batch === null) throw this.#tooFew(position);
    this.#position++;
    const { loader } = turn;
    if (!(batch instanceof Promise)) {
      this.#finishAfterLast(position);
      return { batch, loader };
    }
    const checked = batch.then((pulled) => {
      if (pulled === null) throw this.#tooFew(position);
      this.#finishAfterLast(position);
      return pulled;
    });
    return { batch: checked, loader };
  }

  /** Ends the epoch, early or not: loaders let go of their sources and free what they made ahead. */
  close(): void {
    this.#turns.return?.();
  }

  #takeTurn(): Turn | null {
    const turn = this.#turns.next();
    if (turn.done) return null;
    this.#opened.set(turn.value.loader, turn.value.iterator);
    return turn.value;
  }

  /** What the scheduler does after its last batch, nobody would ask for. */
  #finishAfterLast(position: number): void {
    if (position + 1 === this.sizes.length) this.#turns.next();
  }

  #tooFew(position: number): RangeError {
    const count = `${this.sizes.length} batches, as at the start of the epoch`;
    const remedy = "Change datasets between epochs, and let a sampler give as many as its length";
    return new RangeError(`[EpochBatches.next] expected ${count}, got ${position}. ${remedy}`);
  }
}

/** Starts an epoch: draws the order in which it takes the batches of the loaders. */
export function openEpoch(scheduler: BatchSchedulerName, loaders: readonly DataLoader[]): EpochBatches {
  return new EpochBatches(createBatchScheduler(scheduler), loaders);
}
