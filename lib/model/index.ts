export { type ClassifierConfig, type ClassifierOptions, classifierDefaults } from "./classifier-config.ts";
export type { Outputs } from "./forward.ts";
export { ForwardPrograms } from "./forward-programs.ts";
export type { RemapLabels } from "./labels.ts";
export { crossEntropyWithProbs, type LossFunction } from "./loss.ts";
export type { ModuleTaskOptions } from "./module-task.ts";
export {
  type BatchLoss,
  type FromModuleOptions,
  type LossOptions,
  MultitaskClassifier,
} from "./multitask-classifier.ts";
export { Operation, type OperationInput, type OperationOptions } from "./operation.ts";
export { type Precision, precisionNames } from "./precision.ts";
export type { Predictions, PredictOptions } from "./predict.ts";
export type { ScoreOptions } from "./score.ts";
export { type OutputFunction, Task, type TaskOptions } from "./task.ts";
export { formatTaskGraph } from "./task-graph.ts";
export type { TaskKind } from "./task-kind.ts";
