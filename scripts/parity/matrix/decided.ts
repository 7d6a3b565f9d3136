import { batchesPerEpoch, type ParityCase } from "./case.ts";
import type { Outcome, SnorkelOutcome } from "./outcome.ts";

type Run = SnorkelOutcome;

/**
 * Where this package does not do what Python Snorkel does. corrected.py puts Snorkel right in all of these places, and this
 * package must do what that one does.
 */
export interface DecidedDifference {
  name: string;
  /** Whether it shows in a case. */
  applies: (parityCase: ParityCase, snorkel: Run, corrected: Run) => boolean;
  /** Whether Snorkel as it is did what is expected of it. */
  isInSnorkel: (snorkel: Run, corrected: Run, parityCase: ParityCase) => boolean;
  /** Where the run is Snorkel's otherwise: takes from a run what only this package writes. */
  undo?: (run: Outcome) => Outcome;
}

export const decidedDifferences: DecidedDifference[] = [
  {
    name: "the loss of each task is logged",
    applies: (_, __, corrected) => names(corrected).some(isTaskLoss),
    isInSnorkel: (snorkel) => !names(snorkel).some(isTaskLoss),
    undo: (run) => ({
      ...run,
      log: run.log === null ? null : withoutTaskLosses(run.log),
      events: withoutTaskLosses(run.events),
      metrics: run.metrics.map(withoutTaskLosses),
    }),
  },
  {
    name: "the configuration is written",
    applies: (_, __, corrected) => corrected.files.includes("logs/run/config"),
    isInSnorkel: (snorkel) => !snorkel.files.includes("logs/run/config"),
    undo: (run) => ({ ...run, files: run.files.filter((file) => file !== "logs/run/config") }),
  },
  {
    name: "log.json is written beside TensorBoard's events",
    applies: ({ trainer }, _, corrected) => trainer.logWriter === "tensorboard" && corrected.log !== null,
    isInSnorkel: (snorkel) => snorkel.log === null,
    undo: (run) => ({ ...run, log: null, files: run.files.filter((file) => file !== "logs/run/log") }),
  },
  {
    name: "an error in training does not lose the log",
    applies: (_, snorkel, corrected) => snorkel.failure?.during === "fit" && corrected.log !== null,
    isInSnorkel: (snorkel) => snorkel.log === null || snorkel.fits > 0,
  },
  {
    name: "the seed counts",
    applies: ({ trainer }) => typeof trainer.seed === "number",
    isInSnorkel: (snorkel, corrected) => snorkel.failure !== null || snorkel.drawn[0] !== corrected.drawn[0],
  },
  {
    name: "splits are compared whole",
    applies: ({ trainer }, snorkel) =>
      trainer.trainSplit === "train" && trainer.validSplit === "train_dev" && snorkel.batches.length > 0,
    // Without an evaluation nothing is scored, nor where that ended the run.
    isInSnorkel: (snorkel, corrected) =>
      snorkel.failure !== null ||
      names(snorkel).some((name) => /\/train\/(?!loss|lr)/.test(name)) ||
      names(corrected).every((name) => name.endsWith("/loss") || name.endsWith("/lr")),
  },
  {
    name: "the first batch of a warm-up has the warm-up's rate, before a linear schedule too",
    applies: (parityCase, snorkel) =>
      parityCase.trainer.lrScheduler === "linear" &&
      warmupLength(parityCase) > 0 &&
      // Not where the first batch failed.
      Number.isFinite(snorkel.batches[0]?.rate),
    isInSnorkel: (snorkel, corrected, { trainer }) =>
      snorkel.batches[0]?.rate === trainer.lr && corrected.batches[0]?.rate === 0,
  },
  {
    name: "a warm-up of no batch is none",
    applies: (parityCase) => hasWarmup(parityCase) && warmupLength(parityCase) === 0,
    isInSnorkel: dividesByZero,
  },
  {
    name: "a linear schedule behind a warm-up of all batches does not decline",
    applies: (parityCase) =>
      parityCase.trainer.lrScheduler === "linear" && warmupLength(parityCase) === totalBatches(parityCase),
    isInSnorkel: dividesByZero,
  },
  {
    name: "the lowest rate holds from the end of the warm-up on",
    applies: ({ trainer }) => (trainer.lr ?? 0) < (trainer.lrSchedulerConfig?.minLr ?? 0),
    isInSnorkel: (snorkel, corrected, parityCase) => {
      const first = warmupLength(parityCase);
      const { lr = 0, lrSchedulerConfig } = parityCase.trainer;
      const [is, shouldBe] = [snorkel, corrected].map(({ batches }) => batches[first]?.rate);
      return (
        is === undefined ||
        shouldBe === undefined ||
        (is <= lr * (1 + 1e-12) && shouldBe === lrSchedulerConfig?.minLr)
      );
    },
  },
  {
    name: "batches without labels count",
    applies: (_, snorkel) => snorkel.batches.some(isEmpty),
    isInSnorkel: (snorkel, corrected) =>
      stepsAreSums(snorkel, (batch) => !isEmpty(batch)) && stepsAreSums(corrected, () => true),
  },
  {
    name: "a score over no labels is NaN",
    applies: (_, snorkel) => emptyInput.test(snorkel.failure?.message ?? ""),
    isInSnorkel: (snorkel, corrected) =>
      !emptyInput.test(corrected.failure?.message ?? "") && snorkel.failure !== null,
  },
  {
    name: "fbeta has a default",
    applies: (_, snorkel) => /missing .*'beta'/.test(snorkel.failure?.message ?? ""),
    isInSnorkel: (snorkel) => snorkel.failure?.type === "TypeError",
  },
  {
    name: "without a best model the newest checkpoint stays",
    applies: ({ trainer }, _, corrected) =>
      trainer.checkpointerConfig?.checkpointClear === true &&
      corrected.files.some((file) => /checkpoints\/checkpoint_/.test(file)),
    isInSnorkel: (snorkel) =>
      snorkel.failure !== null || !snorkel.files.some((file) => /checkpoints\/checkpoint_/.test(file)),
  },
  {
    name: "NaN is never the best",
    applies: ({ trainer }, snorkel) => {
      const { checkpointMetric, checkpointTaskMetrics } = trainer.checkpointerConfig ?? {};
      const tracked = [checkpointMetric, ...(checkpointTaskMetrics ?? [])].map(
        (metric) => metric?.split(":")[0] ?? "",
      );
      return (
        trainer.checkpointing === true &&
        tracked.some((name) => snorkel.metrics.some((of) => Number.isNaN(of[name])))
      );
    },
    isInSnorkel: (snorkel, corrected) =>
      bestModels(corrected).length === 0 || bestModels(snorkel).length > bestModels(corrected).length,
  },
];

const emptyInput =
  /Found empty input array|Found array with 0 sample|zero-size array to reduction|Cannot score empty labels/;

/** The names of all that was logged or stands in the trainer's metrics. */
function names({ log, events, metrics }: Run): string[] {
  return [log ?? {}, events, ...metrics].flatMap(Object.keys);
}

function isTaskLoss(name: string): boolean {
  return name.endsWith("/loss") && name !== "model/all/train/loss";
}

function withoutTaskLosses<T>(values: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !isTaskLoss(name)));
}

function bestModels({ files }: Run): string[] {
  return files.filter((file) => file.startsWith("checkpoints/best_model_"));
}

function isEmpty({ losses }: Run["batches"][number]): boolean {
  return Object.keys(losses).length === 0;
}

function dividesByZero({ failure }: Run): boolean {
  return failure?.type === "ZeroDivisionError";
}

function hasWarmup({ trainer: { lrSchedulerConfig } }: ParityCase): boolean {
  return Boolean(lrSchedulerConfig?.warmupSteps || lrSchedulerConfig?.warmupPercentage);
}

function totalBatches(parityCase: ParityCase): number {
  return (parityCase.trainer.nEpochs ?? 1) * batchesPerEpoch(parityCase);
}

function warmupLength(parityCase: ParityCase): number {
  const { nEpochs = 1, lrSchedulerConfig } = parityCase.trainer;
  const { warmupSteps = 0, warmupUnit = "batches", warmupPercentage = 0 } = lrSchedulerConfig ?? {};
  const perEpoch = batchesPerEpoch(parityCase);
  if (warmupSteps === 0) return Math.trunc(warmupPercentage * nEpochs * perEpoch);
  return Math.trunc(warmupUnit === "epochs" ? warmupSteps * perEpoch : warmupSteps);
}

/** Whether each logged step is the number of points in the first so many batches that count. */
function stepsAreSums(run: Run, counts: (batch: Run["batches"][number]) => boolean): boolean {
  const sums = new Set<number>();
  let sum = 0;
  for (const batch of run.batches.filter(({ fit }) => fit === run.batches.at(-1)?.fit)) {
    if (counts(batch)) sum += batch.size;
    sums.add(sum);
  }
  return Object.values(run.log ?? {}).every((series) => series.every(([step]) => sums.has(step)));
}
