import { expected } from "../errors.ts";
import { parseCheckpointMetric } from "../logging/checkpoint-metric.ts";
import { boolean, number } from "../options.ts";

/** When a training ends before its last epoch. */
export interface EarlyStoppingConfig {
  /**
   * What is to improve, `task/dataset/split/metric:mode` with mode `min` or `max`: losses, or validation scores. The training
   * ends when none of them has improved for `patience` evaluations.
   */
  metrics: readonly string[];
  /** For how many evaluations in a row nothing may improve. */
  patience: number;
  /** A value that is better by no more than this is no improvement. */
  minDelta: number;
  /**
   * Whether the model ends with the weights of the evaluation at which the first metric was best, kept in memory. With
   * `checkpointing`, those of the best checkpoint by `checkpointMetric` go before.
   */
  restoreBestWeights: boolean;
}

export const earlyStoppingDefaults: EarlyStoppingConfig = {
  metrics: ["model/all/train/loss:min"],
  patience: 3,
  minDelta: 0,
  restoreBestWeights: true,
};

/** @throws TypeError for a setting out of its range. */
export function checkEarlyStopping(config: EarlyStoppingConfig): void {
  const where = "Trainer.earlyStoppingConfig";
  if (!Array.isArray(config.metrics) || config.metrics.length === 0)
    throw expected(where, "an array of at least one metric", "metrics", config.metrics);
  for (const metric of config.metrics) parseCheckpointMetric("metrics", metric, where);
  number(where, "patience", config.patience, { min: 1, integer: true });
  number(where, "minDelta", config.minDelta, { min: 0 });
  boolean(where, "restoreBestWeights", config.restoreBestWeights);
}
