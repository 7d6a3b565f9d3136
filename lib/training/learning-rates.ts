import { ratesAfter } from "../torch/optim/schedules.ts";
import { rateSchedule, type TrainingLength } from "./lr-scheduler-config.ts";
import { createPlateauWatch, type PlateauWatch, type PlateauWatchState } from "./plateau-watch.ts";
import type { TrainerConfig } from "./trainer-config.ts";

/** What rates to come depend on beside the batch's number. */
export interface LearningRatesState {
  plateau: PlateauWatchState | null;
  /** By the rate that a schedule starts from, the rate of the last batch: some schedules change that one. */
  latest: { start: number; before: number }[];
}

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
    const before = this.#before(start, first);
    const rates = ratesAfter(schedule, first, count, before);
    this.#latest.set(start, { first, before, rates });
    return rates;
  }

  /** @param next - the number of the next batch */
  state(next: number): LearningRatesState {
    const latest = [...this.#latest.keys()].flatMap((start) => {
      const before = this.#before(start, next);
      return before === null ? [] : [{ start, before }];
    });
    return { plateau: this.#plateau.state(), latest };
  }

  /** Continues with batch `next`. */
  restore(next: number, { plateau, latest }: LearningRatesState): void {
    this.#plateau.restore(plateau);
    for (const { start, before } of latest)
      this.#latest.set(start, { first: next, before, rates: new Float64Array(0) });
  }

  /** The rate of the batch before number `first`, where it is known. */
  #before(start: number, first: number): number | null {
    const latest = this.#latest.get(start);
    return (latest?.first === first ? latest.before : latest?.rates[first - 1 - latest.first]) ?? null;
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
