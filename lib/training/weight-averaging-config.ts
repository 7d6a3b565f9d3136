import { boolean, number } from "../options.ts";

export const weightAveragingNames = ["none", "ema", "swa"] as const;

/** Which weights enter the average, and how. */
export interface WeightAveragingConfig {
  /** "ema": how much of the average stays when weights enter it; the rest comes from them. */
  decay: number;
  /** How many batches train before the first weights enter. */
  startStep: number;
  /** The same as a share of all batches, where `startStep` is 0; null for 0 with "ema" and 0.75 with "swa". */
  startPercentage: number | null;
  /** How many batches it takes from one entry to the next. */
  frequency: number;
  /** Whether to average buffers, such as the running statistics of batch norm, too. */
  useBuffers: boolean;
  /** Whether `fit` ends by computing the running statistics of batch norm anew, in a pass over the training loaders. */
  updateBn: boolean;
}

export const weightAveragingDefaults: WeightAveragingConfig = {
  decay: 0.999,
  startStep: 0,
  startPercentage: null,
  frequency: 1,
  useBuffers: false,
  updateBn: false,
};

/** @throws TypeError for a setting out of its range. */
export function checkWeightAveraging(config: WeightAveragingConfig): void {
  const where = "Trainer.weightAveragingConfig";
  number(where, "decay", config.decay, { min: 0, max: 1 });
  number(where, "startStep", config.startStep, { min: 0, integer: true });
  if (config.startPercentage !== null)
    number(where, "startPercentage", config.startPercentage, { min: 0, max: 1 });
  number(where, "frequency", config.frequency, { min: 1, integer: true });
  boolean(where, "useBuffers", config.useBuffers);
  boolean(where, "updateBn", config.updateBn);
}
