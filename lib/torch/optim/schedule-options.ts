/** How a rate moves between two values: along half a wave of the cosine, or in a line. */
export type AnnealStrategy = "cos" | "linear";

/** One rate, or a fraction of it in the first steps. PyTorch's ConstantLR. */
export interface ConstantSchedule {
  /** What the rate of the first `totalIters` steps is multiplied by; above 0. Default: 1. */
  factor?: number;
  /** From this step on the factor is taken back. Default: 5. */
  totalIters?: number;
}

/** Falls in a line to 0. Snorkel's linear schedule. */
export interface LinearSchedule {
  /** The step at which the rate is 0. */
  totalSteps: number;
}

/** Falls by a factor at every step. PyTorch's ExponentialLR. */
export interface ExponentialSchedule {
  gamma: number;
}

/** Falls by a factor at every `stepSize`-th step. PyTorch's StepLR. */
export interface StepSchedule {
  stepSize: number;
  /** Default: 0.1. */
  gamma?: number;
}

/** Falls by a factor at some steps. PyTorch's MultiStepLR. */
export interface MultiStepSchedule {
  /** Those steps. One that is named twice counts twice. */
  milestones: readonly number[];
  /** Default: 0.1. */
  gamma?: number;
}

/** Falls to 0 as a power of what is left. PyTorch's PolynomialLR. */
export interface PolynomialSchedule {
  /** The step at which the rate is 0, and stays so. Default: 5. */
  totalIters?: number;
  /** Default: 1, a line. */
  power?: number;
}

/** Falls along half a wave of the cosine, and rises again after it. PyTorch's CosineAnnealingLR. */
export interface CosineSchedule {
  /** The step of the lowest rate. */
  tMax: number;
  /** The lowest rate. Default: 0. */
  etaMin?: number;
}

/** Falls along half a wave of the cosine, again and again from the top. PyTorch's CosineAnnealingWarmRestarts. */
export interface CosineWarmRestartsSchedule {
  /** The length of the first fall. */
  t0: number;
  /** How many times longer than the one before each fall is; a whole number. Default: 1. */
  tMult?: number;
  /** What the rate falls to. Default: 0. */
  etaMin?: number;
}

/**
 * Rises to `maxLr` and falls far below where it began, once. PyTorch's OneCycleLR, without its cycling of the momentum
 * (`cycle_momentum=False`). Past its end the rate stays.
 */
export interface OneCycleSchedule {
  totalSteps: number;
  /** Default (null): `lr`. */
  maxLr?: number | null;
  /** The share of the steps in which the rate rises. Default: 0.3. */
  pctStart?: number;
  /** Default: "cos". */
  annealStrategy?: AnnealStrategy;
  /** `maxLr` over this is the first rate. Default: 25. */
  divFactor?: number;
  /** The first rate over this is the last one. Default: 1e4. */
  finalDivFactor?: number;
  /** Fall to the first rate as fast as it rose, and only then to the last. Default: false. */
  threePhase?: boolean;
}

/** Goes up and down between two rates, in lines. PyTorch's CyclicLR, without its cycling of the momentum. */
export interface CyclicSchedule {
  /** Default (null): `lr`. */
  maxLr?: number | null;
  /** Default (null): a tenth of `maxLr`. */
  baseLr?: number | null;
  /** Default: 2000. */
  stepSizeUp?: number;
  /** Default (null): `stepSizeUp`. */
  stepSizeDown?: number | null;
  /**
   * "triangular" (default): every cycle as high as the first. "triangular2": half as high as the one before.
   * "expRange": `gamma` to the power of the step times as high.
   */
  mode?: "triangular" | "triangular2" | "expRange";
  /** Default: 1. */
  gamma?: number;
}

/** Goes from `lr` to another rate, and stays there while weights are averaged. PyTorch's SWALR. */
export interface SwaSchedule {
  /** The rate to go to. Default (null): half of `lr`. */
  swaLr?: number | null;
  /** The step that sets out; the rate is `lr` before. Default: 0. */
  startStep?: number;
  /** How many steps the way takes. Default: 10. */
  annealSteps?: number;
  /** Default: "cos". */
  annealStrategy?: AnnealStrategy;
}

/**
 * Times a function of the step: "lambda" is `lr` times it, PyTorch's LambdaLR; "multiplicative" the last rate times it, from
 * step 1 on, PyTorch's MultiplicativeLR.
 */
export interface LambdaSchedule {
  /** From the step to the factor, a number from 0 on, which must depend on the step alone. */
  lrLambda: (step: number) => number;
}

/** What each kind of schedule has of its own. Steps count from the end of the warm-up, the first being 0. */
export interface ScheduleOptions {
  constant: ConstantSchedule;
  linear: LinearSchedule;
  exponential: ExponentialSchedule;
  step: StepSchedule;
  multiStep: MultiStepSchedule;
  polynomial: PolynomialSchedule;
  cosine: CosineSchedule;
  cosineWarmRestarts: CosineWarmRestartsSchedule;
  oneCycle: OneCycleSchedule;
  cyclic: CyclicSchedule;
  swa: SwaSchedule;
  lambda: LambdaSchedule;
  multiplicative: LambdaSchedule;
}

/** The names of the schedules. */
export type ScheduleKind = keyof ScheduleOptions;
