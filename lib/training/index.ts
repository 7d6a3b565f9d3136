export type { EarlyStoppingConfig } from "./early-stopping-config.ts";
export type { FitCallback, FitCallbacks, FitContext } from "./fit-callbacks.ts";
export type { FitOptions } from "./fit-options.ts";
export type { History, HistoryEntry } from "./history.ts";
export type { LRSchedulerConfig, LRSchedulerName } from "./lr-scheduler-config.ts";
export type { ParamGroupConfig } from "./param-groups.ts";
export { Trainer } from "./trainer.ts";
export {
  type OptimizerConfig,
  type TrainerConfig,
  type TrainerOptions,
  trainerDefaults,
} from "./trainer-config.ts";
export type { WeightAveragingConfig } from "./weight-averaging-config.ts";
