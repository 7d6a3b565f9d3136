import type { Batch } from "./batch.ts";
import {
  type BatchScheduler,
  type BatchSchedulerName,
  createBatchScheduler,
  type Turn,
} from "./batch-schedulers.ts";
import type { BatchIterator, DataLoader } from "./data-loader.ts";
import { DictDataLoader } from "./dict-data-loader.ts";
import { areSameStates, type GeneratorStates, type Generators } from "./generators.ts";
import { untilAborted } from "./until-aborted.ts";

/** What the generators were like before a batch was pulled, by the batch's position. */
export interface DrawMark {
  position: number;
  states: GeneratorStates;
}

/** The batches of one epoch over several loaders, pulled one by one. */
export class EpochBatches {
  /** How many examples each batch of the epoch has, in order; null for one that only shows when it is there. */
  readonly sizes: readonly (number | null)[];
  readonly #loaders: readonly DataLoader[];
  readonly #schedule: readonly number[];
  readonly #turns: Iterator<Turn>;
  /** The pass over each loader that has had a turn. */
  readonly #opened = new Map<DataLoader, BatchIterator>();
  readonly #generators: Generators | null;
  /** Before each pull that drew, where something else than loaders had drawn since the one before. */
  readonly #marks: DrawMark[] = [];
  /** Before each pull that drew, of those batches that are not done. */
  #recent: DrawMark[] = [];
  #drawn: GeneratorStates | null = null;
  #position = 0;

  /** @param generators - of the loaders, if it is to be known how they can come to the same batches again */
  constructor(
    scheduler: BatchScheduler,
    loaders: readonly DataLoader[],
    generators: Generators | null = null,
  ) {
    this.#generators = generators;
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
    const indices = this.#pull(() => this.#takeTurn()?.iterator.nextIndices?.() ?? null);
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
    const pulled = this.#pull(() => {
      const turn = this.#takeTurn();
      return { loader: turn?.loader, batch: turn?.iterator.next() ?? null };
    });
    const { loader, batch } = pulled;
    if (loader === undefined || batch === null) throw this.#tooFew(position);
    this.#position++;
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

  /**
   * Pulls the first batches of the epoch without making them, where their loader can: a stream has to be read.
   * @param marks - what {@link marksUpTo} gave for as many, so that loaders draw what they drew
   */
  async skip(count: number, marks: readonly DrawMark[], signal?: AbortSignal): Promise<void> {
    const noted = new Map(marks.map(({ position, states }) => [position, states]));
    while (this.#position < count) {
      const states = noted.get(this.#position);
      if (states !== undefined) this.#generators?.set(states);
      if (this.nextLoader instanceof DictDataLoader) this.nextIndices();
      else (await untilAborted(Promise.resolve(this.next().batch), signal)).dispose();
    }
    this.settle(count);
  }

  /** How loaders came to the first `count` batches: together with the generators at the epoch's start, all that it takes. */
  marksUpTo(count: number): DrawMark[] {
    return this.#marks.filter(({ position }) => position < count);
  }

  /** What the generators were like when `count` batches were done, though more may have been pulled ahead. */
  statesAfter(count: number): GeneratorStates | null {
    const next = this.#recent.find(({ position }) => position >= count);
    return next?.states ?? this.#generators?.states() ?? null;
  }

  /** To be called when the first `count` batches are done. */
  settle(count: number): void {
    if (this.#recent.length > 0) this.#recent = this.#recent.filter(({ position }) => position >= count);
  }

  /** Ends the epoch, early or not: loaders let go of their sources and free what they made ahead. */
  close(): void {
    this.#turns.return?.();
  }

  /** Pulls a batch, and notes the generators if it draws from them. */
  #pull<T>(pull: () => T): T {
    if (this.#generators === null || this.isNextSettled) return pull();
    const mark = { position: this.#position, states: this.#generators.states() };
    this.#recent.push(mark);
    if (this.#drawn === null || !areSameStates(this.#drawn, mark.states)) this.#marks.push(mark);
    const pulled = pull();
    this.#drawn = this.#generators.states();
    return pulled;
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
export function openEpoch(
  scheduler: BatchSchedulerName,
  loaders: readonly DataLoader[],
  generators: Generators | null = null,
): EpochBatches {
  return new EpochBatches(createBatchScheduler(scheduler), loaders, generators);
}
