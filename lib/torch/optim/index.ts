/**
 * Optimizers, gradient clipping and learning-rate schedules.
 * @module
 */
export { Adam, type AdamOptions } from "./adam.ts";
export { Adamax, type AdamaxOptions } from "./adamax.ts";
export { AdamW } from "./adamw.ts";
export { clipGradNorm, clipGradValue } from "./clip-grad.ts";
export type { EpilogueOptions, EpilogueResult } from "./epilogue.ts";
export {
  Optimizer,
  type OptimizerOptions,
  type OptimizerStateDict,
  type ParameterGroup,
} from "./optimizer.ts";
export { type RateSchedule, type ScheduleKind, scheduleKinds, scheduleRates } from "./schedules.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
