import { expected } from "../../errors.ts";
import { isPlainObject, number, oneOf } from "../../options.ts";
import type { ParameterGroup } from "./optimizer.ts";

/** Options of `LBFGS`. */
export interface LBFGSOptions {
  /** The learning rate: how far to go along a direction, or with a line search, how far to try first. Default: 1. */
  lr: number;
  /** How many iterations one `step` does at most. Default: 20. */
  maxIter: number;
  /** How often one `step` calls the closure, about; null (the default) for 1.25 times `maxIter`. */
  maxEval: number | null;
  /** Stop where no element of the gradient is larger. Default: 1e-7. */
  toleranceGrad: number;
  /** Stop where neither the loss nor any parameter changes by more. Default: 1e-9. */
  toleranceChange: number;
  /** How many changes of the gradient are kept. Default: 100. */
  historySize: number;
  /** How to search along a direction; null (the default) takes the first step. */
  lineSearchFn: "strongWolfe" | null;
}

export const where = "optim.LBFGS";
export const defaults: LBFGSOptions = {
  lr: 1,
  maxIter: 20,
  maxEval: null,
  toleranceGrad: 1e-7,
  toleranceChange: 1e-9,
  historySize: 100,
  lineSearchFn: null,
};

/** @throws TypeError for a value out of its range. */
export function checkOptions(options: LBFGSOptions): LBFGSOptions {
  const { lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn } = options;
  number(where, "lr", lr, { min: 0 });
  number(where, "maxIter", maxIter, { min: 1, integer: true });
  if (maxEval !== null) number(where, "maxEval", maxEval, { min: 1, integer: true });
  number(where, "toleranceGrad", toleranceGrad);
  number(where, "toleranceChange", toleranceChange);
  number(where, "historySize", historySize, { min: 1, integer: true });
  if (lineSearchFn !== null) oneOf(where, "lineSearchFn", lineSearchFn, ["strongWolfe"]);
  return options;
}

/** How often the closure may be called in one step. */
export function evaluationLimit({ maxEval, maxIter }: LBFGSOptions): number {
  return maxEval ?? Math.floor((maxIter * 5) / 4);
}

/** The options as they are in a state dict. */
export function writeOptions(options: LBFGSOptions, count: number): ParameterGroup {
  return {
    lr: options.lr,
    max_iter: options.maxIter,
    max_eval: evaluationLimit(options),
    tolerance_grad: options.toleranceGrad,
    tolerance_change: options.toleranceChange,
    history_size: options.historySize,
    line_search_fn: options.lineSearchFn === null ? null : "strong_wolfe",
    params: Array.from({ length: count }, (_, i) => i),
  };
}

/**
 * The options in a state dict.
 * @throws TypeError for one that is missing or out of its range, or another number of parameters.
 */
export function readOptions(group: unknown, count: number): { options: LBFGSOptions; places: unknown[] } {
  if (!isPlainObject(group)) throw expected(where, "an object", "param_groups[0]", group);
  const places = group.params;
  if (!Array.isArray(places) || places.length !== count) {
    throw expected(where, `${count} parameters`, "param_groups[0].params", places);
  }
  const search = group.line_search_fn;
  const options = {
    lr: group.lr,
    maxIter: group.max_iter,
    maxEval: group.max_eval,
    toleranceGrad: group.tolerance_grad,
    toleranceChange: group.tolerance_change,
    historySize: group.history_size,
    lineSearchFn: search === "strong_wolfe" ? "strongWolfe" : search,
  };
  return { options: checkOptions(options as LBFGSOptions), places };
}
