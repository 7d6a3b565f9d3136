import type { Tensor } from "../tensor.ts";
import { abs, add, div, isAtMost, isLess, max, min, mul, sub, type WeakScalar } from "./weak-scalar.ts";

/** A point on the line. */
export interface LinePoint {
  /** How far along the direction. */
  step: WeakScalar;
  loss: number;
  gradient: Tensor;
  /** The derivative of the loss along the direction. */
  slope: Tensor;
}

export interface LineSearch {
  /** The point to keep. */
  point: LinePoint;
  evaluations: number;
}

const armijo = 1e-4;
const curvature = 0.9;
const smallestBracket = 1e-9;

/**
 * Searches along a direction for a point that satisfies the strong Wolfe conditions, as PyTorch's LBFGS does: first an
 * interval that holds one, then by cubic interpolation inside.
 *
 * @param start - where the line begins, at step 0
 * @param first - the step to try first
 * @param evaluate - the point at a step
 * @param limit - how many trials there may be after the first
 */
export function strongWolfe(
  start: LinePoint,
  direction: Tensor,
  first: WeakScalar,
  limit: number,
  evaluate: (step: WeakScalar) => LinePoint,
): LineSearch {
  const size = direction.abs().max();
  const isFlat = ({ slope }: LinePoint) => isAtMost(slope.abs(), start.slope.mul(-curvature));
  const isHigh = ({ step, loss }: LinePoint) =>
    isLess(add(start.loss, mul(mul(armijo, step), start.slope)), loss);

  let trials = 0;
  let before = start;
  let point = evaluate(first);
  let bracket: [LinePoint, LinePoint] | null = null;
  while (trials < limit) {
    if (isHigh(point) || (trials > 1 && point.loss >= before.loss)) {
      bracket = [before, point];
      break;
    }
    if (isFlat(point)) return { point, evaluations: trials + 1 };
    if (isAtMost(0, point.slope)) {
      bracket = [before, point];
      break;
    }
    const least = add(point.step, mul(0.01, sub(point.step, before.step)));
    const step = interpolate(before, point, [least, mul(point.step, 10)]);
    before = point;
    point = evaluate(step);
    trials++;
  }
  bracket ??= [start, point];

  let low: 0 | 1 = bracket[0].loss <= bracket[1].loss ? 0 : 1;
  let isStuck = false;
  while (trials < limit) {
    const [a, b]: [LinePoint, LinePoint] = bracket;
    if (isLess(mul(abs(sub(b.step, a.step)), size), smallestBracket)) break;

    // A trial beside the end of the bracket makes little progress: twice in a row, it goes a tenth inside.
    let step = interpolate(a, b);
    const [left, right] = [min(a.step, b.step), max(a.step, b.step)];
    const margin = mul(0.1, sub(right, left));
    const isAtEnd = isLess(min(sub(right, step), sub(step, left)), margin);
    if (isAtEnd && (isStuck || isAtMost(right, step) || isAtMost(step, left))) {
      const isNearRight = isLess(abs(sub(step, right)), abs(sub(step, left)));
      step = isNearRight ? sub(right, margin) : add(left, margin);
      isStuck = false;
    } else {
      isStuck = isAtEnd;
    }

    const trial = evaluate(step);
    trials++;
    const high = low === 0 ? 1 : 0;
    if (isHigh(trial) || trial.loss >= bracket[low].loss) {
      bracket[high] = trial;
      low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
      continue;
    }
    const isDone = isFlat(trial);
    if (!isDone && isAtMost(0, mul(trial.slope, sub(bracket[high].step, bracket[low].step)))) {
      bracket[high] = bracket[low];
    }
    bracket[low] = trial;
    if (isDone) break;
  }
  return { point: bracket[low], evaluations: trials + 1 };
}

/** The lowest point, within bounds, of the cubic through two points with their slopes. */
function interpolate(
  a: LinePoint,
  b: LinePoint,
  bounds?: readonly [least: WeakScalar, most: WeakScalar],
): WeakScalar {
  const isForward = isAtMost(a.step, b.step);
  const [left, right] = isForward ? [a, b] : [b, a];
  const [least, most] = bounds ?? [left.step, right.step];
  const secant = div(3 * (a.loss - b.loss), sub(a.step, b.step));
  const d1 = a.slope.add(b.slope).sub(secant);
  const square = d1.pow(2).sub(a.slope.mul(b.slope));
  if (!isAtMost(0, square)) return div(add(least, most), 2);
  const d2 = square.sqrt();
  const share = right.slope
    .add(d2)
    .sub(d1)
    .div(right.slope.sub(left.slope).add(d2.mul(2)));
  const place = sub(right.step, mul(sub(right.step, left.step), share));
  return min(max(place, least), most);
}
