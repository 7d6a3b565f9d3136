import { expected } from "../errors.ts";
import { number, oneOf } from "../options.ts";
import type { optim } from "../torch/index.ts";
import { checkPlateau, plateauDefaults } from "../torch/optim/reduce-lr-on-plateau.ts";
import { completeSchedule } from "../torch/optim/schedules.ts";

export const lrSchedulerNames = [
  "constant",
  "linear",
  "exponential",
  "step",
  "multiStep",
  "polynomial",
  "cosine",
  "cosineWarmRestarts",
  "oneCycle",
  "cyclic",
  "swa",
  "lambda",
  "multiplicative",
  "plateau",
] as const;

/**
 * The names of the learning-rate schedules.
 * @useDeclaredType
 */
export type LRSchedulerName = (typeof lrSchedulerNames)[number];

/**
 * Options of a schedule with all their defaults; null for those that follow from the length of the training or from `lr`.
 * @inline
 */
type Config<Options, Following extends keyof Options = never> = Required<Omit<Options, Following>> & {
  [K in Following]-?: Options[K] | null;
};

/**
 * Settings of the learning-rate schedules, all of which step once per batch. "linear" falls to 0 at the end of the training
 * and has none. Source: snorkel/utils/lr_schedulers.py.
 */
export interface LRSchedulerConfig {
  /**
   * How long the rate rises linearly from 0 to the first rate of the schedule, in `warmupUnit`; 0 for no warm-up. The steps
   * of a schedule count from its end.
   */
  warmupSteps: number;
  /** What `warmupSteps` counts. */
  warmupUnit: "batches" | "epochs";
  /** The length of the warm-up as a share of all batches, where `warmupSteps` is 0. */
  warmupPercentage: number;
  /** The rate never falls below this one after the warm-up; 0 for no floor. */
  minLr: number;
  /** The rate times a factor for a number of steps, then the rate. */
  constantConfig: Config<optim.ConstantSchedule>;
  /** The rate times `gamma` at each step. */
  exponentialConfig: Config<optim.ExponentialSchedule>;
  /** The rate times `gamma` every so many steps. */
  stepConfig: Config<optim.StepSchedule>;
  /** `milestones` null: half and three quarters of the training. */
  multiStepConfig: Config<optim.MultiStepSchedule, "milestones">;
  /** `totalIters` null: all of the training. */
  polynomialConfig: Config<optim.PolynomialSchedule, "totalIters">;
  /** `tMax` null: all of the training. */
  cosineConfig: Config<optim.CosineSchedule, "tMax">;
  /** `t0` null: one epoch. */
  cosineWarmRestartsConfig: Config<optim.CosineWarmRestartsSchedule, "t0">;
  /** `totalSteps` null: all of the training. */
  oneCycleConfig: Config<optim.OneCycleSchedule, "totalSteps">;
  /** `stepSizeUp` null: half an epoch. */
  cyclicConfig: Config<optim.CyclicSchedule, "stepSizeUp">;
  /** `startStep` null: three quarters of the training. */
  swaConfig: Config<optim.SwaSchedule, "startStep">;
  /** The rate times what a function of the step gives. */
  lambdaConfig: Config<optim.LambdaSchedule>;
  /** The rate of the step before times what a function of the step gives. */
  multiplicativeConfig: Config<optim.LambdaSchedule>;
  /** `metric` is looked at after each evaluation: `model/all/train/loss` or `label/dataset/split/metric`. */
  plateauConfig: optim.PlateauOptions & { metric: string };
}

export const lrSchedulerDefaults: LRSchedulerConfig = {
  warmupSteps: 0,
  warmupUnit: "batches",
  warmupPercentage: 0,
  minLr: 0,
  constantConfig: { factor: 1, totalIters: 5 },
  exponentialConfig: { gamma: 0.9 },
  stepConfig: { gamma: 0.9, stepSize: 5 },
  multiStepConfig: { milestones: null, gamma: 0.1 },
  polynomialConfig: { totalIters: null, power: 1 },
  cosineConfig: { tMax: null, etaMin: 0 },
  cosineWarmRestartsConfig: { t0: null, tMult: 1, etaMin: 0 },
  oneCycleConfig: {
    totalSteps: null,
    maxLr: null,
    pctStart: 0.3,
    annealStrategy: "cos",
    divFactor: 25,
    finalDivFactor: 1e4,
    threePhase: false,
  },
  cyclicConfig: {
    maxLr: null,
    baseLr: null,
    stepSizeUp: null,
    stepSizeDown: null,
    mode: "triangular",
    gamma: 1,
  },
  swaConfig: { swaLr: null, startStep: null, annealSteps: 10, annealStrategy: "cos" },
  lambdaConfig: { lrLambda: () => 1 },
  multiplicativeConfig: { lrLambda: () => 1 },
  plateauConfig: { metric: "model/all/train/loss", ...plateauDefaults },
};

/** How long a training is, in batches. */
export interface TrainingLength {
  /** All epochs, without the warm-up. */
  total: number;
  epoch: number;
  warmup: number;
}

/** The schedule of that name for a training of some length. On a plateau the rate falls by other means: here it is constant. */
export function rateSchedule(
  name: LRSchedulerName,
  lr: number,
  config: LRSchedulerConfig,
  length: TrainingLength,
): optim.RateSchedule {
  const { warmup: warmupSteps, ...lengths } = length;
  const common = { lr, warmupSteps, minLr: config.minLr };
  if (name === "plateau") return { kind: "constant", ...common };
  const given = name === "linear" ? {} : config[`${name}Config`];
  const set = Object.entries(given).filter(([, value]) => value !== null);
  const options = { ...fromLength(name, lengths), ...Object.fromEntries(set) };
  return { kind: name, ...common, ...options } as optim.RateSchedule;
}

/** The options that follow from the length of the training. */
function fromLength(name: LRSchedulerName, length: { total: number; epoch: number }): object {
  const total = Math.max(1, length.total);
  switch (name) {
    case "linear":
    case "oneCycle":
      return { totalSteps: total };
    case "multiStep":
      return { milestones: [Math.floor(total / 2), Math.floor((3 * total) / 4)] };
    case "polynomial":
      return { totalIters: total };
    case "cosine":
      return { tMax: total };
    case "cosineWarmRestarts":
      return { t0: length.epoch };
    case "cyclic":
      return { stepSizeUp: Math.ceil(length.epoch / 2) };
    case "swa":
      return { startStep: Math.floor((3 * total) / 4) };
    default:
      return {};
  }
}

/** @throws TypeError for a setting out of its range. */
export function checkLRScheduler(config: LRSchedulerConfig): void {
  const where = "Trainer.lrSchedulerConfig";
  number(where, "warmupSteps", config.warmupSteps, { min: 0 });
  number(where, "warmupPercentage", config.warmupPercentage, { min: 0, max: 1 });
  number(where, "minLr", config.minLr, { min: 0 });
  oneOf(where, "warmupUnit", config.warmupUnit, ["batches", "epochs"]);
  const anyLength = { total: 1, epoch: 1, warmup: 0 };
  for (const name of lrSchedulerNames)
    completeSchedule(`${where}.${name}Config`, rateSchedule(name, 1, config, anyLength));
  const { metric, ...plateau } = config.plateauConfig;
  checkPlateau(`${where}.plateauConfig`, plateau);
  if (typeof metric !== "string") throw expected(`${where}.plateauConfig`, "a name", "metric", metric);
}
