import { oneOf } from "../options.ts";
import type { Batch } from "./batch.ts";
import { atOnce, type BatchIterator, type DataLoader } from "./data-loader.ts";
import { pythonRandom } from "./python-random.ts";

/** A batch to be pulled: the next one of this iterator, which passes over this loader. */
export interface Turn<L extends DataLoader = DataLoader> {
  loader: L;
  iterator: BatchIterator;
}

/** In which order an epoch takes the batches of several loaders. Each loader keeps its own order. */
export interface BatchScheduler {
  /** The loader of each batch of an epoch, by its position in `loaders`. */
  schedule(loaders: readonly DataLoader[]): number[];
  /**
   * The batches of an epoch in the order of a {@link BatchScheduler.schedule}, each to be pulled before the next turn is
   * asked for: iterators are opened, and so draw from their generators, where Snorkel opens them.
   */
  turns<L extends DataLoader>(loaders: readonly L[], schedule: readonly number[]): Iterable<Turn<L>>;
  /** The batches of an epoch, each with its loader. */
  getBatches<L extends DataLoader>(loaders: readonly L[]): Iterable<[Batch, L]>;
}

/**
 * All batches of all loaders in random order, shuffled as CPython's `random.shuffle` does. Opens all loaders at once.
 * @see snorkel.classification.training.schedulers.ShuffledScheduler
 */
export class ShuffledScheduler implements BatchScheduler {
  schedule(loaders: readonly DataLoader[]): number[] {
    const order = inOrder(loaders);
    pythonRandom.shuffle(order);
    return order;
  }

  *turns<L extends DataLoader>(loaders: readonly L[], schedule: readonly number[]): Iterable<Turn<L>> {
    const opened = loaders.map((loader) => ({ loader, iterator: loader.iterate() }));
    try {
      for (const index of schedule) yield opened[index] as Turn<L>;
    } finally {
      for (const { iterator } of opened) iterator.close();
    }
  }

  getBatches<L extends DataLoader>(loaders: readonly L[]): Iterable<[Batch, L]> {
    return pull(this, loaders);
  }
}

/**
 * All batches of the first loader, then those of the next. Opens a loader when it is its turn.
 * @see snorkel.classification.training.schedulers.SequentialScheduler
 */
export class SequentialScheduler implements BatchScheduler {
  schedule(loaders: readonly DataLoader[]): number[] {
    return inOrder(loaders);
  }

  *turns<L extends DataLoader>(loaders: readonly L[]): Iterable<Turn<L>> {
    for (const loader of loaders) {
      const iterator = loader.iterate();
      try {
        for (let left = loader.length; left > 0; left--) yield { loader, iterator };
        iterator.exhaust();
      } finally {
        iterator.close();
      }
    }
  }

  getBatches<L extends DataLoader>(loaders: readonly L[]): Iterable<[Batch, L]> {
    return pull(this, loaders);
  }
}

/** The batch schedulers by the names that `TrainerConfig.batchScheduler` takes. */
const batchSchedulers = {
  shuffled: ShuffledScheduler,
  sequential: SequentialScheduler,
};

/**
 * The names of the batch schedulers.
 * @useDeclaredType
 */
export type BatchSchedulerName = keyof typeof batchSchedulers;

/** All of {@link BatchSchedulerName}. */
export const batchSchedulerNames = Object.keys(batchSchedulers) as BatchSchedulerName[];

/**
 * The batch scheduler of that name.
 * @throws TypeError for a name that is no batch scheduler's.
 */
export function createBatchScheduler(name: BatchSchedulerName): BatchScheduler {
  return new batchSchedulers[oneOf("createBatchScheduler", "batchScheduler", name, batchSchedulerNames)]();
}

function inOrder(loaders: readonly DataLoader[]): number[] {
  return loaders.flatMap((loader, index) => new Array<number>(loader.length).fill(index));
}

function* pull<L extends DataLoader>(scheduler: BatchScheduler, loaders: readonly L[]): Iterable<[Batch, L]> {
  for (const { loader, iterator } of scheduler.turns(loaders, scheduler.schedule(loaders))) {
    const batch = atOnce(iterator.next());
    if (batch !== null) yield [batch, loader];
  }
}
