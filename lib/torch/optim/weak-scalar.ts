import { rsub } from "../generated/functions.ts";
import type { Tensor } from "../tensor.ts";

/**
 * A number as PyTorch's line search has it: Python's float, or a tensor of no dimensions, in whose dtype it is then
 * computed. Each function does what Python's operator does with the two, to the bit.
 * @inline
 */
export type WeakScalar = number | Tensor;

export function add(a: WeakScalar, b: WeakScalar): WeakScalar {
  if (typeof a !== "number") return a.add(b);
  return typeof b === "number" ? a + b : b.add(a);
}

export function sub(a: WeakScalar, b: WeakScalar): WeakScalar {
  if (typeof a !== "number") return a.sub(b);
  return typeof b === "number" ? a - b : rsub(b, a);
}

export function mul(a: WeakScalar, b: WeakScalar): WeakScalar {
  if (typeof a !== "number") return a.mul(b);
  return typeof b === "number" ? a * b : b.mul(a);
}

export function div(a: WeakScalar, b: WeakScalar): WeakScalar {
  if (typeof a !== "number") return a.div(b);
  return typeof b === "number" ? a / b : b.reciprocal().mul(a);
}

export function abs(a: WeakScalar): WeakScalar {
  return typeof a === "number" ? Math.abs(a) : a.abs();
}

export function isLess(a: WeakScalar, b: WeakScalar): boolean {
  if (typeof a !== "number") return isTrue(a.lt(b));
  return typeof b === "number" ? a < b : isTrue(b.gt(a));
}

export function isAtMost(a: WeakScalar, b: WeakScalar): boolean {
  if (typeof a !== "number") return isTrue(a.le(b));
  return typeof b === "number" ? a <= b : isTrue(b.ge(a));
}

/** Python's `min`: the first, unless the second is less. */
export function min(a: WeakScalar, b: WeakScalar): WeakScalar {
  return isLess(b, a) ? b : a;
}

/** Python's `max`: the first, unless the second is more. */
export function max(a: WeakScalar, b: WeakScalar): WeakScalar {
  return isLess(a, b) ? b : a;
}

export function toNumber(a: WeakScalar): number {
  return typeof a === "number" ? a : a.item();
}

function isTrue(tensor: Tensor): boolean {
  return Boolean(tensor.item());
}
