import type { Batch, DataLoader, EpochBatches } from "../data/index.ts";
import type { EventLoop } from "../event-loop.ts";
import type { MultitaskClassifier, RemapLabels } from "../model/index.ts";
import { type optim, scope } from "../torch/index.ts";
import type { RunningLosses } from "./running-losses.ts";
import { type BatchGradients, computeGradients } from "./train-step.ts";
import type { WeightAveraging } from "./weight-averaging.ts";

/** What the batches of a run have in common. */
export interface RunOptions {
  model: MultitaskClassifier;
  optimizer: optim.Optimizer;
  averaging: WeightAveraging;
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
 * @returns how many examples each batch had
 * @throws the signal's reason between two batches once it is aborted; the model is then as after the last batch.
 * @throws Error for a batch that cannot be had, and for a loss or gradient that is not finite, before the batch changes
 *   anything.
 */
export async function runBatches(
  batches: EpochBatches,
  count: number,
  rates: readonly Float64Array[],
  options: RunOptions,
): Promise<number[]> {
  const sizes: number[] = [];
  for (let position = 0; position < count; position++) {
    const rate = rates.map((ofGroup) => ofGroup[position] ?? Number.NaN);
    options.signal?.throwIfAborted();
    const pending = scope(() => {
      const { batch, loader } = pull(batches);
      if (batch instanceof Promise) return { batch, loader };
      sizes.push(trainOn(batch, loader, batches.position, rate, options));
      return null;
    });
    if (pending !== null) {
      const { loader } = pending;
      const batch = await untilAborted(pending.batch, options.signal).catch((error: unknown) => {
        options.signal?.throwIfAborted();
        throw stopped(batches.position, sourceOf(loader), error);
      });
      try {
        sizes.push(scope(() => trainOn(batch, loader, batches.position, rate, options)));
      } finally {
        batch.dispose();
      }
    }
    options.averaging.update();
    options.onProgress(sizes.length);
    await options.eventLoop.breathe();
  }
  return sizes;
}

function pull(batches: EpochBatches): ReturnType<EpochBatches["next"]> {
  try {
    return batches.next();
  } catch (error) {
    throw stopped(batches.position + 1, null, error);
  }
}

/** Waits for a batch, but no longer than the signal allows: a source may never answer. */
async function untilAborted(pending: Promise<Batch>, signal: AbortSignal | undefined): Promise<Batch> {
  if (signal === undefined) return pending;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      pending.then(
        (late) => late.dispose(),
        () => {},
      );
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** One step on one batch, the `position`-th of its epoch. Returns how many examples it had. */
function trainOn(
  batch: Batch,
  loader: DataLoader,
  position: number,
  rate: readonly number[],
  options: RunOptions,
): number {
  const source = sourceOf(loader);
  try {
    finishStep(computeGradients(options.model, batch, options.remapLabels), rate, source, options);
    return batch.size;
  } catch (error) {
    options.optimizer.zeroGrad();
    throw stopped(position, source, error);
  }
}

function sourceOf({ dataset }: DataLoader): string {
  return `${dataset.name}/${dataset.split}`;
}

function stopped(position: number, source: string | null, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const from = source === null ? "" : `, from ${source}`;
  return new Error(
    `[Trainer.fit] training stopped at batch ${position} of the epoch${from}: ${reason}. The model is as ` +
      "after the batch before it",
    { cause: error },
  );
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
