/**
 * Optimizers, gradient clipping, learning-rate schedules and averages of weights.
 * @module
 */
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions } from "./adam.ts";
export { Adamax, type AdamaxOptions } from "./adamax.ts";
export { AdamW } from "./adamw.ts";
export { AveragedModel, type AveragedModelOptions } from "./averaged-model.ts";
export {
  type AveragingRule,
  type AvgFn,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaAvgFn,
  getSwaMultiAvgFn,
  type MultiAvgFn,
} from "./averaging.ts";
export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from "./clip-grad.ts";
export type { EpilogueOptions, EpilogueResult } from "./epilogue.ts";
export { GradientSums } from "./gradient-sums.ts";
export { LBFGS } from "./lbfgs.ts";
export type { LBFGSOptions } from "./lbfgs-options.ts";
export type { LBFGSHistory, LBFGSStateDict } from "./lbfgs-state.ts";
export { NAdam, type NAdamOptions } from "./nadam.ts";
export {
  Optimizer,
  type OptimizerOptions,
  type OptimizerStateDict,
  type ParameterGroup,
} from "./optimizer.ts";
export type { GroupOptions, OptimizerParameters, ParamGroup, ParamGroupOptions } from "./param-groups.ts";
export { RAdam, type RAdamOptions } from "./radam.ts";
export { type PlateauOptions, type PlateauState, ReduceLROnPlateau } from "./reduce-lr-on-plateau.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export type * from "./schedule-options.ts";
export { type CommonSchedule, type RateSchedule, scheduleRates } from "./schedules.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export { type UpdateBnOptions, updateBn } from "./update-bn.ts";
