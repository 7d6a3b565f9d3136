import { expected } from "../../errors.ts";
import { boolean, number, oneOf } from "../../options.ts";
import type { LambdaSchedule, ScheduleKind, ScheduleOptions } from "./schedule-options.ts";

/** What one kind of schedule is, beside its arithmetic in native/torch/optim/schedule_rules.cc. */
interface Kind<Options> {
  /** NaN, or a function that gives it, where there is none. */
  defaults: Required<Options>;
  /** Fills in the options whose default (null) follows from others. */
  complete?(options: Required<Options>, lr: number): Required<Options>;
  check(where: string, options: Required<Options>): void;
}

const unset = Number.NaN;
const annealStrategies = ["cos", "linear"] as const;

function steps(where: string, name: string, value: unknown, min: number): void {
  number(where, name, value, { min, integer: true });
}

/** Checks a rate, or the factor of one. */
function rate(where: string, name: string, value: unknown): void {
  number(where, name, value, { min: 0 });
}

/** What the function gives is checked when it is there. */
const lambda: Kind<LambdaSchedule> = {
  defaults: { lrLambda: () => unset },
  check(where, { lrLambda }) {
    if (typeof lrLambda !== "function")
      throw expected(where, "a function from step to factor", "lrLambda", lrLambda);
  },
};

export const kinds: { readonly [K in ScheduleKind]: Kind<ScheduleOptions[K]> } = {
  constant: {
    defaults: { factor: 1, totalIters: 5 },
    check(where, { factor, totalIters }) {
      number(where, "factor", factor, { above: 0 });
      steps(where, "totalIters", totalIters, 1);
    },
  },
  linear: {
    defaults: { totalSteps: unset },
    check(where, { totalSteps }) {
      steps(where, "totalSteps", totalSteps, 0);
    },
  },
  exponential: {
    defaults: { gamma: unset },
    check(where, { gamma }) {
      rate(where, "gamma", gamma);
    },
  },
  step: {
    defaults: { stepSize: unset, gamma: 0.1 },
    check(where, { stepSize, gamma }) {
      steps(where, "stepSize", stepSize, 1);
      rate(where, "gamma", gamma);
    },
  },
  multiStep: {
    defaults: { milestones: [unset], gamma: 0.1 },
    check(where, { milestones, gamma }) {
      if (!Array.isArray(milestones)) throw expected(where, "an array of steps", "milestones", milestones);
      for (const [i, milestone] of milestones.entries()) steps(where, `milestones[${i}]`, milestone, 0);
      rate(where, "gamma", gamma);
    },
  },
  polynomial: {
    defaults: { totalIters: 5, power: 1 },
    check(where, { totalIters, power }) {
      steps(where, "totalIters", totalIters, 1);
      number(where, "power", power, { min: 0 });
    },
  },
  cosine: {
    defaults: { tMax: unset, etaMin: 0 },
    check(where, { tMax, etaMin }) {
      steps(where, "tMax", tMax, 1);
      rate(where, "etaMin", etaMin);
    },
  },
  cosineWarmRestarts: {
    defaults: { t0: unset, tMult: 1, etaMin: 0 },
    check(where, { t0, tMult, etaMin }) {
      steps(where, "t0", t0, 1);
      steps(where, "tMult", tMult, 1);
      rate(where, "etaMin", etaMin);
    },
  },
  oneCycle: {
    defaults: {
      totalSteps: unset,
      maxLr: null,
      pctStart: 0.3,
      annealStrategy: "cos",
      divFactor: 25,
      finalDivFactor: 1e4,
      threePhase: false,
    },
    complete: (options, lr) => ({ ...options, maxLr: options.maxLr ?? lr }),
    check(where, options) {
      steps(where, "totalSteps", options.totalSteps, 1);
      rate(where, "maxLr", options.maxLr);
      number(where, "pctStart", options.pctStart, { min: 0, max: 1 });
      oneOf(where, "annealStrategy", options.annealStrategy, annealStrategies);
      number(where, "divFactor", options.divFactor, { above: 0 });
      number(where, "finalDivFactor", options.finalDivFactor, { above: 0 });
      boolean(where, "threePhase", options.threePhase);
    },
  },
  cyclic: {
    defaults: {
      maxLr: null,
      baseLr: null,
      stepSizeUp: 2000,
      stepSizeDown: null,
      mode: "triangular",
      gamma: 1,
    },
    complete(options, lr) {
      const maxLr = options.maxLr ?? lr;
      const baseLr = options.baseLr ?? maxLr / 10;
      return { ...options, maxLr, baseLr, stepSizeDown: options.stepSizeDown ?? options.stepSizeUp };
    },
    check(where, options) {
      rate(where, "maxLr", options.maxLr);
      rate(where, "baseLr", options.baseLr);
      steps(where, "stepSizeUp", options.stepSizeUp, 1);
      steps(where, "stepSizeDown", options.stepSizeDown, 1);
      oneOf(where, "mode", options.mode, ["triangular", "triangular2", "expRange"]);
      rate(where, "gamma", options.gamma);
    },
  },
  swa: {
    defaults: { swaLr: null, startStep: 0, annealSteps: 10, annealStrategy: "cos" },
    complete: (options, lr) => ({ ...options, swaLr: options.swaLr ?? lr / 2 }),
    check(where, { swaLr, startStep, annealSteps, annealStrategy }) {
      rate(where, "swaLr", swaLr);
      steps(where, "startStep", startStep, 0);
      steps(where, "annealSteps", annealSteps, 0);
      oneOf(where, "annealStrategy", annealStrategy, annealStrategies);
    },
  },
  lambda,
  multiplicative: lambda,
};

export const scheduleKinds = Object.keys(kinds) as ScheduleKind[];
