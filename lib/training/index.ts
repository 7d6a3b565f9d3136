export type { History, HistoryEntry } from "./history.ts";
export type { ParamGroupConfig } from "./param-groups.ts";
export { type FitOptions, Trainer } from "./trainer.ts";
export {
  type LRSchedulerConfig,
  type OptimizerConfig,
  type TrainerConfig,
  type TrainerOptions,
  trainerDefaults,
} from "./trainer-config.ts";
