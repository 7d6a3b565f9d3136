import { type BatchSchedulerName, batchSchedulerNames } from "../data/index.ts";
import { expected } from "../errors.ts";
import {
  type CheckpointerConfig,
  checkpointerDefaults,
  type LogManagerConfig,
  type LogWriterConfig,
  type LogWriterName,
  logManagerDefaults,
  logWriterDefaults,
  logWriterNames,
} from "../logging/index.ts";
import { type ClassifierConfig, classifierDefaults, type Precision, precisionNames } from "../model/index.ts";
import { mergeOptions, number, oneOf, type Partially } from "../options.ts";
import {
  checkEarlyStopping,
  type EarlyStoppingConfig,
  earlyStoppingDefaults,
} from "./early-stopping-config.ts";
import {
  checkLRScheduler,
  type LRSchedulerConfig,
  type LRSchedulerName,
  lrSchedulerDefaults,
  lrSchedulerNames,
} from "./lr-scheduler-config.ts";
import { checkParamGroups, type ParamGroupConfig } from "./param-groups.ts";
import { checkTaskWeights } from "./task-weights.ts";
import {
  checkWeightAveraging,
  type WeightAveragingConfig,
  weightAveragingDefaults,
  weightAveragingNames,
} from "./weight-averaging-config.ts";

export const optimizerNames = [
  "sgd",
  "adam",
  "adamw",
  "adamax",
  "rmsprop",
  "adagrad",
  "nadam",
  "radam",
] as const;

/** Settings of the optimizers: Snorkel's four, and more of PyTorch's. Source: snorkel/utils/optimizers.py. */
export interface OptimizerConfig {
  /** "fused": one kernel for a whole update. "foreach": PyTorch's own operators, equal to its default to the bit. */
  implementation: "fused" | "foreach";
  sgdConfig: { momentum: number };
  adamConfig: { amsgrad: boolean; betas: readonly [number, number] };
  adamwConfig: { amsgrad: boolean; betas: readonly [number, number] };
  adamaxConfig: { betas: readonly [number, number]; eps: number };
  rmspropConfig: { alpha: number; eps: number; momentum: number; centered: boolean };
  adagradConfig: { lrDecay: number; initialAccumulatorValue: number; eps: number };
  nadamConfig: {
    betas: readonly [number, number];
    eps: number;
    momentumDecay: number;
    decoupledWeightDecay: boolean;
  };
  radamConfig: { betas: readonly [number, number]; eps: number; decoupledWeightDecay: boolean };
}

/**
 * All settings of a {@link Trainer}, with Snorkel's names and defaults.
 * Source: snorkel/classification/training/trainer.py.
 */
export interface TrainerConfig {
  /** Seeds everything that `fit` draws; null leaves the generators as they are. */
  seed: number | null;
  /** How often the trainer goes through the training loaders. */
  nEpochs: number;
  /** The learning rate that the schedule starts from. */
  lr: number;
  /** The coefficient of L2 regularisation (the optimizer's weight decay). */
  l2: number;
  /** The norm to which the gradients are clipped; 0 or null for no clipping. */
  gradClip: number | null;
  /** The split of the loaders to train on, to validate on, and the third one that may be given. */
  trainSplit: string;
  validSplit: string;
  testSplit: string;
  /** Whether to show progress, where the standard error is a terminal. */
  progressBar: boolean;
  /** Accepted as Snorkel's, and as unused as there: the model's own options count. */
  modelConfig: ClassifierConfig;
  /** When the model is evaluated. */
  logManagerConfig: LogManagerConfig;
  /** Whether to keep the best model seen, and to end with it. */
  checkpointing: boolean;
  /** Which models are kept, by which metric, and where. */
  checkpointerConfig: CheckpointerConfig;
  /** Whether to write logs. */
  logging: boolean;
  /** What logs are written as: JSON, or JSON and event files for TensorBoard. */
  logWriter: LogWriterName;
  /** Where logs are written. */
  logWriterConfig: LogWriterConfig;
  /** The rule of the updates. */
  optimizer: (typeof optimizerNames)[number];
  /** Settings of each optimizer; those of the others have no effect. */
  optimizerConfig: OptimizerConfig;
  /** Parameters with settings of their own. Those that no group names are trained with `lr` and `l2`. */
  paramGroups: readonly ParamGroupConfig[];
  /** How the learning rate goes on from `lr`. */
  lrScheduler: LRSchedulerName;
  /** The warm-up, and settings of each schedule; those of the others have no effect. */
  lrSchedulerConfig: LRSchedulerConfig;
  /**
   * "ema" or "swa": keep an exponential or the plain average of the weights, as torch.optim.AveragedModel does. Training goes
   * on with the model's own weights; evaluations and checkpoints have the averaged ones, and so has the model after `fit`.
   * Before the first weights have entered the average, and if `fit` rejects, they are the model's own.
   */
  weightAveraging: (typeof weightAveragingNames)[number];
  /** When weights enter the average, and how much they count. */
  weightAveragingConfig: WeightAveragingConfig;
  /** The order in which batches of several loaders come: at random, or loader by loader. */
  batchScheduler: BatchSchedulerName;
  /**
   * How many batches share an update: the losses of each are divided by it, their gradients added up, then checked, clipped and
   * applied, at the rate of the last batch. What is left at the end of an epoch is applied as it is. All that is counted
   * (schedules, warm-ups, evaluations, averages of weights) is counted in batches.
   */
  gradientAccumulationSteps: number;
  /**
   * By task or label: what its loss is multiplied by in the sum that is trained on; 1 where nothing is said. Losses are logged
   * as they are.
   */
  taskWeights: Readonly<Record<string, number>>;
  /** Whether the training ends when it has stopped to improve. */
  earlyStopping: boolean;
  /** What has to improve, and for how long it may not. */
  earlyStoppingConfig: EarlyStoppingConfig;
  /**
   * In what the model computes, then and afterwards: "float32" leaves it as it is. "bf16" keeps float32 copies of the
   * weights to update. See MultitaskClassifier.setPrecision.
   */
  precision: Precision;
  /**
   * Whether steps are recorded, two of each kind, and from then on repeated by a thread without JavaScript. The numbers are
   * the same; false is for looking into a step with a debugger. A step that cannot be recorded runs as with false.
   */
  stepPrograms: boolean;
}

/** What a {@link Trainer} takes: its name, and the settings that differ from {@link trainerDefaults}. */
export type TrainerOptions = Partially<TrainerConfig> & {
  /** By default the class's name. */
  name?: string;
};

/** The defaults of {@link TrainerConfig}. */
export const trainerDefaults: TrainerConfig = {
  seed: null,
  nEpochs: 1,
  lr: 0.01,
  l2: 0,
  gradClip: 1,
  trainSplit: "train",
  validSplit: "valid",
  testSplit: "test",
  progressBar: true,
  modelConfig: classifierDefaults,
  logManagerConfig: logManagerDefaults,
  checkpointing: false,
  checkpointerConfig: checkpointerDefaults,
  logging: false,
  logWriter: "tensorboard",
  logWriterConfig: logWriterDefaults,
  optimizer: "adam",
  optimizerConfig: {
    implementation: "fused",
    sgdConfig: { momentum: 0.9 },
    adamConfig: { amsgrad: false, betas: [0.9, 0.999] },
    adamwConfig: { amsgrad: false, betas: [0.9, 0.999] },
    adamaxConfig: { betas: [0.9, 0.999], eps: 1e-8 },
    rmspropConfig: { alpha: 0.99, eps: 1e-8, momentum: 0, centered: false },
    adagradConfig: { lrDecay: 0, initialAccumulatorValue: 0, eps: 1e-10 },
    nadamConfig: { betas: [0.9, 0.999], eps: 1e-8, momentumDecay: 4e-3, decoupledWeightDecay: false },
    radamConfig: { betas: [0.9, 0.999], eps: 1e-8, decoupledWeightDecay: false },
  },
  paramGroups: [],
  lrScheduler: "constant",
  lrSchedulerConfig: lrSchedulerDefaults,
  weightAveraging: "none",
  weightAveragingConfig: weightAveragingDefaults,
  batchScheduler: "shuffled",
  gradientAccumulationSteps: 1,
  taskWeights: {},
  earlyStopping: false,
  earlyStoppingConfig: earlyStoppingDefaults,
  precision: "float32",
  stepPrograms: true,
};

/**
 * The whole configuration from what a caller gave.
 * @throws TypeError for an unknown setting (naming the nearest) or a value out of its range.
 */
export function readTrainerConfig(given: Partially<TrainerConfig>): TrainerConfig {
  const where = "Trainer";
  // Its names are the model's, not options.
  const { taskWeights = {}, ...others } = given;
  checkTaskWeights(where, taskWeights);
  const config = { ...mergeOptions(where, trainerDefaults, others), taskWeights: { ...taskWeights } };
  if (config.seed !== null) number(where, "seed", config.seed, { integer: true });
  number(where, "nEpochs", config.nEpochs, { min: 0, integer: true });
  number(where, "lr", config.lr, { min: 0 });
  number(where, "l2", config.l2, { min: 0 });
  if (config.gradClip !== null) number(where, "gradClip", config.gradClip, { min: 0 });
  for (const name of ["trainSplit", "validSplit", "testSplit"] as const) {
    if (typeof config[name] !== "string") throw expected(where, "a split's name", name, config[name]);
  }
  for (const name of ["progressBar", "checkpointing", "logging", "earlyStopping", "stepPrograms"] as const) {
    if (typeof config[name] !== "boolean") throw expected(where, "a boolean", name, config[name]);
  }
  oneOf(where, "logWriter", config.logWriter, logWriterNames);
  oneOf(where, "optimizer", config.optimizer, optimizerNames);
  oneOf(where, "lrScheduler", config.lrScheduler, lrSchedulerNames);
  oneOf(where, "batchScheduler", config.batchScheduler, batchSchedulerNames);
  oneOf(where, "precision", config.precision, precisionNames);
  checkParamGroups(where, config.paramGroups);
  oneOf(where, "optimizerConfig.implementation", config.optimizerConfig.implementation, ["fused", "foreach"]);
  oneOf(where, "weightAveraging", config.weightAveraging, weightAveragingNames);
  number(where, "gradientAccumulationSteps", config.gradientAccumulationSteps, { min: 1, integer: true });
  checkLRScheduler(config.lrSchedulerConfig);
  checkEarlyStopping(config.earlyStoppingConfig);
  checkWeightAveraging(config.weightAveragingConfig);
  return config;
}
