import type { Batch, DictDataLoader, EpochBatches } from "../data/index.ts";
import type { EventLoop } from "../event-loop.ts";
import type { MultitaskClassifier, RemapLabels } from "../model/index.ts";
import { type optim, scope } from "../torch/index.ts";
import type { RunningLosses } from "./running-losses.ts";
import { type BatchGradients, computeGradients } from "./train-step.ts";

/** What the batches of a run have in common. */
export interface RunOptions {
  model: MultitaskClassifier;
  optimizer: optim.Optimizer;
  /** The norm to clip the gradients to; 0 for none. */
  gradClip: number;
  remapLabels: RemapLabels;
  losses: RunningLosses;
  eventLoop: EventLoop;
  signal: AbortSignal | undefined;
  /** Called after each batch with the number of batches that this run has done. */
  onProgress: (done: number) => void;
}

/**
 * Trains on the next `count` batches, each parameter group at its rates: everything between two triggers of the log
 * manager goes through this one call. Yields to the event loop between batches.
 *
 * @throws the signal's reason between two batches once it is aborted; the model is then as after the last batch.
 * @throws Error for a loss or gradient that is not finite, before the batch changes anything.
 */
export async function runBatches(
  batches: EpochBatches,
  count: number,
  rates: readonly Float64Array[],
  options: RunOptions,
): Promise<void> {
  for (let position = 0; position < count; position++) {
    const rate = rates.map((ofGroup) => ofGroup[position] ?? Number.NaN);
    options.signal?.throwIfAborted();
    const step = (batch: Batch, loader: DictDataLoader) =>
      trainOn(batch, loader, batches.position, rate, options);
    const pending = scope(() => {
      const { batch, loader } = batches.next();
      if (batch instanceof Promise) return { batch, loader };
      step(batch, loader);
      return null;
    });
    if (pending !== null) {
      const batch = await pending.batch;
      scope(() => step(batch, pending.loader));
    }
    options.onProgress(position + 1);
    await options.eventLoop.breathe();
  }
}

/** One step on one batch, the `position`-th of its epoch. */
function trainOn(
  batch: Batch,
  loader: DictDataLoader,
  position: number,
  rate: readonly number[],
  options: RunOptions,
): void {
  const source = `${loader.dataset.name}/${loader.dataset.split}`;
  try {
    finishStep(computeGradients(options.model, batch, options.remapLabels), rate, source, options);
  } catch (error) {
    options.optimizer.zeroGrad();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `[Trainer.fit] training stopped at batch ${position} of the epoch, from ${source}: ${reason}. The model is as ` +
        "after the batch before it",
      { cause: error },
    );
  }
}

/** The native half of a step: check, clip, update, clear. A batch without a labelled row changes nothing. */
function finishStep(
  gradients: BatchGradients,
  rate: readonly number[],
  source: string,
  options: RunOptions,
): void {
  const { labels, losses, counts } = gradients;
  if (losses.length === 0) return;
  const { optimizer, gradClip } = options;
  const outcome = optimizer.epilogue(losses, { rate, gradClip });
  if (outcome.badLoss !== null) {
    throw new Error(`the loss of "${labels[outcome.badLoss]}" is ${outcome.losses[outcome.badLoss]}`);
  }
  if (outcome.badGradient !== null) {
    throw new Error(
      `the gradient of parameter "${parameterName(options, outcome.badGradient)}" is not finite ` +
        `(tasks ${labels.join(", ")})`,
    );
  }
  for (const [i, label] of labels.entries()) {
    options.losses.add(`${label}/${source}/loss`, outcome.losses[i] ?? Number.NaN, counts[i] ?? 0);
  }
}

function parameterName({ model, optimizer }: RunOptions, index: number): string {
  const parameter = optimizer.parameters[index];
  for (const [name, candidate] of model.namedParameters()) {
    if (candidate === parameter) return name;
  }
  return `number ${index}`;
}
