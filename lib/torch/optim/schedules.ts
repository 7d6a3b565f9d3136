import { mergeOptions, number, oneOf } from "../../options.ts";
import { native } from "../native.ts";

export const scheduleKinds = ["constant", "linear", "exponential", "step"] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

/** A learning rate as a function of the step. What a kind does not need, it ignores. */
export interface RateSchedule {
  kind: ScheduleKind;
  /** The rate at the end of the warm-up. */
  lr: number;
  /** During the first steps the rate rises in a line from 0, the rate of step 0, to `lr`. Default: 0, no warm-up. */
  warmupSteps?: number;
  /** "linear": the rate falls in a line and would reach 0 at this step, counted with the warm-up. */
  totalSteps?: number;
  /** "exponential": the factor of every step. "step": the factor of every `stepSize` steps. */
  gamma?: number;
  /** "step": how many steps run at one rate. */
  stepSize?: number;
  /** From the end of the warm-up on, no rate is below this. Default: 0. */
  minLr?: number;
}

const unset = Number.NaN;
const defaults: Required<RateSchedule> = {
  kind: "constant",
  lr: unset,
  warmupSteps: 0,
  totalSteps: unset,
  gamma: unset,
  stepSize: unset,
  minLr: 0,
};

/**
 * The learning rates of `count` steps from `firstStep` on, the first step of a training being 0. They equal those of
 * PyTorch's LambdaLR, ExponentialLR and StepLR to the bit.
 *
 * @throws TypeError for an unknown option, or one that is missing or out of its range.
 */
export function scheduleRates(schedule: RateSchedule, firstStep: number, count: number): Float64Array {
  const where = "scheduleRates";
  const { kind, lr, warmupSteps, totalSteps, gamma, stepSize, minLr } = mergeOptions(
    where,
    defaults,
    schedule,
  );
  oneOf(where, "kind", kind, scheduleKinds);
  number(where, "lr", lr, { min: 0 });
  number(where, "warmupSteps", warmupSteps, { min: 0, integer: true });
  number(where, "minLr", minLr, { min: 0 });
  if (kind === "linear") number(where, "totalSteps", totalSteps, { min: 0, integer: true });
  if (kind === "exponential" || kind === "step") number(where, "gamma", gamma, { min: 0 });
  if (kind === "step") number(where, "stepSize", stepSize, { min: 1, integer: true });
  number(where, "firstStep", firstStep, { min: 0, integer: true });
  number(where, "count", count, { min: 0, integer: true });
  return native.scheduleRates(
    kind,
    lr,
    warmupSteps,
    totalSteps || 0,
    gamma,
    stepSize || 1,
    minLr,
    firstStep,
    count,
  );
}
