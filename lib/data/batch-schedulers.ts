import { oneOf } from "../options.ts";
import type { Batch } from "./batch.ts";
import type { DictDataLoader } from "./dict-data-loader.ts";
import type { LoaderIterator } from "./loader-iterator.ts";
import { pythonRandom } from "./python-random.ts";

/** A batch to be pulled: the next one of this iterator, which passes over this loader. */
export interface Turn {
  loader: DictDataLoader;
  iterator: LoaderIterator;
}

/** In which order an epoch takes the batches of several loaders. Each loader keeps its own order. */
export interface BatchScheduler {
  /** The loader of each batch of an epoch, by its position in `loaders`. */
  schedule(loaders: readonly DictDataLoader[]): number[];
  /**
   * The batches of an epoch in the order of a {@link BatchScheduler.schedule}, each to be pulled before the next turn is
   * asked for: iterators are opened, and so draw from their generators, where Snorkel opens them.
   */
  turns(loaders: readonly DictDataLoader[], schedule: readonly number[]): Iterable<Turn>;
  /** The batches of an epoch, each with its loader. */
  getBatches(loaders: readonly DictDataLoader[]): Iterable<[Batch, DictDataLoader]>;
}

/**
 * All batches of all loaders in random order, shuffled as CPython's `random.shuffle` does. Opens all loaders at once.
 * @see snorkel.classification.training.schedulers.ShuffledScheduler
 */
export class ShuffledScheduler implements BatchScheduler {
  schedule(loaders: readonly DictDataLoader[]): number[] {
    const order = inOrder(loaders);
    pythonRandom.shuffle(order);
    return order;
  }

  *turns(loaders: readonly DictDataLoader[], schedule: readonly number[]): Iterable<Turn> {
    const opened = loaders.map((loader) => ({ loader, iterator: loader.iterate() }));
    for (const index of schedule) yield opened[index] as Turn;
  }

  getBatches(loaders: readonly DictDataLoader[]): Iterable<[Batch, DictDataLoader]> {
    return pull(this, loaders);
  }
}

/**
 * All batches of the first loader, then those of the next. Opens a loader when it is its turn.
 * @see snorkel.classification.training.schedulers.SequentialScheduler
 */
export class SequentialScheduler implements BatchScheduler {
  schedule(loaders: readonly DictDataLoader[]): number[] {
    return inOrder(loaders);
  }

  *turns(loaders: readonly DictDataLoader[]): Iterable<Turn> {
    for (const loader of loaders) {
      const iterator = loader.iterate();
      for (let left = loader.length; left > 0; left--) yield { loader, iterator };
      // Python's `for` asks for one more batch, which may draw from the loader's generator.
      iterator.nextIndices();
    }
  }

  getBatches(loaders: readonly DictDataLoader[]): Iterable<[Batch, DictDataLoader]> {
    return pull(this, loaders);
  }
}

/** The batch schedulers by the names that `TrainerConfig.batchScheduler` takes. */
const batchSchedulers = {
  shuffled: ShuffledScheduler,
  sequential: SequentialScheduler,
};

export type BatchSchedulerName = keyof typeof batchSchedulers;

export const batchSchedulerNames = Object.keys(batchSchedulers) as BatchSchedulerName[];

/** @throws TypeError for a name that is no batch scheduler's. */
export function createBatchScheduler(name: BatchSchedulerName): BatchScheduler {
  return new batchSchedulers[oneOf("createBatchScheduler", "batchScheduler", name, batchSchedulerNames)]();
}

function inOrder(loaders: readonly DictDataLoader[]): number[] {
  return loaders.flatMap((loader, index) => new Array<number>(loader.length).fill(index));
}

function* pull(
  scheduler: BatchScheduler,
  loaders: readonly DictDataLoader[],
): Iterable<[Batch, DictDataLoader]> {
  for (const { loader, iterator } of scheduler.turns(loaders, scheduler.schedule(loaders))) {
    const batch = iterator.nextBatch();
    if (batch !== null) yield [batch, loader];
  }
}
