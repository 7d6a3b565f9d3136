import { optim } from "../torch/index.ts";
import type { TrainerConfig } from "./trainer-config.ts";

/** The learning rate as a pure function of the batch's number, counted from 0 over all epochs. */
export class LearningRates {
  readonly #schedule: optim.RateSchedule;

  constructor(config: TrainerConfig, nBatchesPerEpoch: number) {
    const { lr, lrScheduler, lrSchedulerConfig, nEpochs } = config;
    const { exponentialConfig, stepConfig, minLr } = lrSchedulerConfig;
    const totalSteps = nBatchesPerEpoch * nEpochs;
    this.#schedule = {
      kind: lrScheduler,
      lr,
      totalSteps,
      warmupSteps: warmupSteps(config, nBatchesPerEpoch, totalSteps),
      minLr,
      gamma: lrScheduler === "step" ? stepConfig.gamma : exponentialConfig.gamma,
      stepSize: stepConfig.stepSize,
    };
  }

  /** The rates of `count` batches from number `first` on. */
  of(first: number, count: number): Float64Array {
    return optim.scheduleRates(this.#schedule, first, count);
  }
}

function warmupSteps(config: TrainerConfig, nBatchesPerEpoch: number, totalSteps: number): number {
  const { warmupSteps, warmupUnit, warmupPercentage } = config.lrSchedulerConfig;
  if (warmupSteps === 0) return Math.trunc(warmupPercentage * totalSteps);
  return Math.trunc(warmupUnit === "epochs" ? warmupSteps * nBatchesPerEpoch : warmupSteps);
}
