import { ratesAfter } from "../torch/optim/schedules.ts";
import { rateSchedule, type TrainingLength } from "./lr-scheduler-config.ts";
import { createPlateauWatch, type PlateauWatch } from "./plateau-watch.ts";
import type { TrainerConfig } from "./trainer-config.ts";

/** The learning rate by the batch's number, counted from 0 over all epochs. */
export class LearningRates {
  readonly #config: TrainerConfig;
  readonly #length: TrainingLength;
  readonly #plateau: PlateauWatch;
  /** The rates given last, by where the schedule starts from, so that the next ones go on from them. */
  readonly #latest = new Map<number, { first: number; before: number | null; rates: Float64Array }>();

  constructor(config: TrainerConfig, nBatchesPerEpoch: number) {
    const totalSteps = nBatchesPerEpoch * config.nEpochs;
    const warmup = warmupSteps(config, nBatchesPerEpoch);
    this.#config = config;
    this.#length = { total: totalSteps - warmup, epoch: nBatchesPerEpoch, warmup };
    this.#plateau = createPlateauWatch(config);
  }

  /** The rates of `count` batches from number `first` on, for parameters whose own rate is `lr`. */
  of(first: number, count: number, lr = this.#config.lr): Float64Array {
    const { lrScheduler, lrSchedulerConfig } = this.#config;
    const start = this.#plateau.reduced(lr);
    const schedule = rateSchedule(lrScheduler, start, lrSchedulerConfig, this.#length);
    const latest = this.#latest.get(start);
    const before =
      (latest?.first === first ? latest.before : latest?.rates[first - 1 - latest.first]) ?? null;
    const rates = ratesAfter(schedule, first, count, before);
    this.#latest.set(start, { first, before, rates });
    return rates;
  }

  /** Takes the metrics of an evaluation, which rates to come may depend on. */
  observe(metrics: Readonly<Record<string, number>>): void {
    this.#plateau.observe(metrics);
  }
}

function warmupSteps(config: TrainerConfig, nBatchesPerEpoch: number): number {
  const { warmupSteps, warmupUnit, warmupPercentage } = config.lrSchedulerConfig;
  // In Python's order: multiplied otherwise, a product just below a whole number may be cut to one batch less.
  if (warmupSteps === 0) return Math.trunc(warmupPercentage * config.nEpochs * nBatchesPerEpoch);
  return Math.trunc(warmupUnit === "epochs" ? warmupSteps * nBatchesPerEpoch : warmupSteps);
}
