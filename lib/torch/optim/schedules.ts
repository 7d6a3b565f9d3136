import { expected } from "../../errors.ts";
import { isPlainObject, mergeOptions, number, oneOf } from "../../options.ts";
import { native } from "../native.ts";
import { kinds, scheduleKinds } from "./schedule-kinds.ts";
import type { LambdaSchedule, ScheduleKind, ScheduleOptions } from "./schedule-options.ts";

/** What every schedule has. */
export interface CommonSchedule {
  /** The rate that the schedule starts from; the highest one of "oneCycle" and "cyclic". */
  lr: number;
  /**
   * In the first steps the rate rises in a line from 0, the rate of step 0, to the first rate of the schedule, whose own
   * steps count from there. Default: 0, no warm-up.
   */
  warmupSteps?: number;
  /** From the end of the warm-up on, no rate is below this. Default: 0. */
  minLr?: number;
}

/** A learning rate as a function of the step: a kind, with its options. */
export type RateSchedule = {
  [K in ScheduleKind]: { kind: K } & CommonSchedule & ScheduleOptions[K];
}[ScheduleKind];

/** A schedule whose options are checked and complete. */
interface CompleteSchedule {
  kind: ScheduleKind;
  lr: number;
  warmupSteps: number;
  minLr: number;
  options: object;
}

/**
 * The learning rates of `count` steps from `firstStep` on, the first step of a training being 0:
 *
 *     const rates = torch.optim.scheduleRates({ kind: "cosine", lr: 0.1, tMax: 100 }, 0, 100);
 *     for (const rate of rates) {
 *       optimizer.lr = rate;
 *       ... // loss.backward()
 *       optimizer.step();
 *     }
 *
 * On x86-64 they equal, to the bit, what PyTorch's schedulers write step by step into `param_groups`; elsewhere as far as
 * the C library's `cos` and `pow` are those of Python.
 *
 * @throws TypeError for an unknown option, one that is missing or out of its range, and more than 2^24 rates at a time.
 * @see https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export function scheduleRates(schedule: RateSchedule, firstStep: number, count: number): Float64Array {
  return ratesAfter(schedule, firstStep, count, null);
}

/**
 * The same, where the rate of the step before `firstStep` is known: a schedule that changes its last rate need not be
 * followed from its start.
 */
export function ratesAfter(
  schedule: RateSchedule,
  firstStep: number,
  count: number,
  before: number | null,
): Float64Array {
  const where = "scheduleRates";
  const { kind, lr, warmupSteps, minLr, options } = completeSchedule(where, schedule);
  number(where, "firstStep", firstStep, { min: 0, integer: true });
  number(where, "count", count, { min: 0, max: 2 ** 24, integer: true });
  if (kind !== "lambda" && kind !== "multiplicative") {
    return native.scheduleRates(kind, lr, options, warmupSteps, minLr, firstStep, count, before);
  }
  // A rate of "lambda" does not depend on the one before, so that any number will do for it.
  const known = kind === "lambda" ? 0 : before;
  const first = known === null ? 0 : Math.max(0, firstStep - warmupSteps);
  const end = Math.max(first, firstStep + count - warmupSteps, firstStep < warmupSteps ? 1 : 0);
  const factorOf = (step: number): number =>
    kind === "multiplicative" && step === 0
      ? 1
      : number(where, `lrLambda(${step})`, (options as LambdaSchedule).lrLambda(step), { min: 0 });
  const factors = Array.from({ length: end - first }, (_, i) => factorOf(first + i));
  const given = { factors, firstFactor: first };
  return native.scheduleRates(kind, lr, given, warmupSteps, minLr, firstStep, count, known);
}

/** Checks a schedule, and fills in its defaults. */
export function completeSchedule(where: string, schedule: RateSchedule): CompleteSchedule {
  if (!isPlainObject(schedule)) throw expected(where, "a plain object", "schedule", schedule);
  const kind = oneOf(where, "kind", schedule.kind, scheduleKinds);
  const defaults = { kind, lr: Number.NaN, warmupSteps: 0, minLr: 0, ...kinds[kind].defaults };
  const { kind: _, lr, warmupSteps, minLr, ...options } = mergeOptions(where, defaults, schedule);
  number(where, "lr", lr, { min: 0 });
  number(where, "warmupSteps", warmupSteps, { min: 0, integer: true });
  number(where, "minLr", minLr, { min: 0 });
  const { complete, check } = kinds[kind];
  const completed = complete?.(options as never, lr) ?? options;
  check(where, completed as never);
  return { kind, lr, warmupSteps, minLr, options: completed };
}
