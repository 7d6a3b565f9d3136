import { expected } from "../../errors.ts";
import { number } from "../../options.ts";
import { noGrad } from "../autograd.ts";
import { isFloating } from "../dtype.ts";
import { operator } from "../operators.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";

/**
 * The new average of one tensor.
 * @param nAveraged - how many values are in the average already
 */
export type AvgFn = (averaged: Tensor, current: Tensor, nAveraged: number) => Tensor;

/** Averages tensors of one dtype and device at once, in place: the first list is changed. */
export type MultiAvgFn = (averaged: readonly Tensor[], current: readonly Tensor[], nAveraged: number) => void;

/** How values enter an average. */
export interface AveragingRule {
  /** Default (null): the plain average of all values. At most one of the two. */
  avgFn: AvgFn | null;
  /** Default (null): as `avgFn` says. */
  multiAvgFn: MultiAvgFn | null;
}

const lerpAll = operator<(tensors: readonly Tensor[], ends: readonly Tensor[], weight: number) => void>(
  "_foreach_lerp_",
  ["aten::_foreach_lerp_.Scalar"],
);

/**
 * An exponential moving average: `decay` of it stays, the rest comes from the new value. In one operator for all tensors.
 *
 * @param decay - from 0 to 1; 0.999 by default
 * @see https://pytorch.org/docs/stable/optim.html#putting-it-all-together-ema
 */
export function getEmaMultiAvgFn(decay = 0.999): MultiAvgFn {
  number("optim.getEmaMultiAvgFn", "decay", decay, { min: 0, max: 1 });
  return (averaged, current) => {
    if (areFloating(averaged)) return lerpAll(averaged, current, 1 - decay);
    for (const [i, average] of averaged.entries())
      average.copy_(average.mul(decay).add((current[i] as Tensor).mul(1 - decay)));
  };
}

/** The plain average of all values, in one operator for all tensors. */
export function getSwaMultiAvgFn(): MultiAvgFn {
  return (averaged, current, nAveraged) => {
    // PyTorch takes the weight from a tensor of float32, for float64 too.
    if (areFloating(averaged)) return lerpAll(averaged, current, Math.fround(1 / (nAveraged + 1)));
    applyToEach(getSwaAvgFn(), averaged, current, nAveraged);
  };
}

/**
 * An exponential moving average of one tensor.
 * @param decay - from 0 to 1; 0.999 by default
 */
export function getEmaAvgFn(decay = 0.999): AvgFn {
  number("optim.getEmaAvgFn", "decay", decay, { min: 0, max: 1 });
  return (averaged, current) => averaged.mul(decay).add(current.mul(1 - decay));
}

/** The plain average of all values of one tensor. */
export function getSwaAvgFn(): AvgFn {
  return (averaged, current, nAveraged) => averaged.add(current.sub(averaged).div(nAveraged + 1));
}

/** Checks a rule. */
export function checkRule(where: string, { avgFn, multiAvgFn }: AveragingRule): void {
  for (const [name, value] of Object.entries({ avgFn, multiAvgFn })) {
    if (value !== null && typeof value !== "function") throw expected(where, "a function", name, value);
  }
  if (avgFn !== null && multiAvgFn !== null)
    throw expected(where, "only one of avgFn and multiAvgFn", "avgFn", avgFn);
}

/** Takes the current values into the averages, which the first ones become. PyTorch's rules say how. */
export function updateAverages(
  averaged: readonly Tensor[],
  current: readonly Tensor[],
  nAveraged: number,
  { avgFn, multiAvgFn }: AveragingRule,
): void {
  scope(() =>
    noGrad(() => {
      if (nAveraged === 0) return applyToEach((_, value) => value, averaged, current, nAveraged);
      if (avgFn !== null) return applyToEach(avgFn, averaged, current, nAveraged);
      for (const group of groupAlike(averaged, current)) {
        if (multiAvgFn !== null) multiAvgFn(group.averaged, group.current, nAveraged);
        else if (group.isOnCpu) applyToEach(getSwaAvgFn(), group.averaged, group.current, nAveraged);
        else getSwaMultiAvgFn()(group.averaged, group.current, nAveraged);
      }
    }),
  );
}

function applyToEach(
  avgFn: AvgFn,
  averaged: readonly Tensor[],
  current: readonly Tensor[],
  nAveraged: number,
): void {
  for (const [i, average] of averaged.entries())
    average.detach().copy_(avgFn(average.detach(), (current[i] as Tensor).detach(), nAveraged));
}

function areFloating(tensors: readonly Tensor[]): boolean {
  return tensors.every((tensor) => isFloating(tensor.dtype) || tensor.dtype.startsWith("complex"));
}

interface Group {
  averaged: Tensor[];
  current: Tensor[];
  isOnCpu: boolean;
}

/** Pairs of one dtype and device, the current values brought to the averages' device. */
function groupAlike(averaged: readonly Tensor[], current: readonly Tensor[]): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const [i, average] of averaged.entries()) {
    const { dtype, device } = average;
    const key = `${dtype} ${device}`;
    const group = groups.get(key) ?? { averaged: [], current: [], isOnCpu: device === "cpu" };
    group.averaged.push(average.detach());
    group.current.push((current[i] as Tensor).detach().to({ device }));
    groups.set(key, group);
  }
  return groups.values();
}
