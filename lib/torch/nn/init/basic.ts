import { mergeOptions } from "../../../options.ts";
import { noGrad } from "../../autograd.ts";
import { operator } from "../../operators.ts";
import type { Generator } from "../../random.ts";
import type { Tensor } from "../../tensor.ts";

const uniform = operator("nn.init.uniform_", ["aten::uniform_"]);
const normal = operator("nn.init.normal_", ["aten::normal_"]);
const fill = operator("nn.init.constant_", ["aten::fill_.Scalar"]);

/** Where draws come from. */
export interface DrawOptions {
  /** The global generator of the device by default. */
  generator?: Generator | null;
}

/** The defaults of {@link DrawOptions}. */
export const draws = { generator: null as Generator | null };

/** Fills with draws between `a` (0) and `b` (1), in place. */
export function uniform_<T extends Tensor>(tensor: T, options?: { a?: number; b?: number } & DrawOptions): T {
  const defaults = { ...draws, a: 0, b: 1 };
  const { a, b, generator } = mergeOptions<typeof defaults>("nn.init.uniform_", defaults, options);
  return noGrad(() => uniform(tensor, a, b, { generator })) as T;
}

/** Fills with draws around `mean` (0) with the deviation `std` (1), in place. */
export function normal_<T extends Tensor>(
  tensor: T,
  options?: { mean?: number; std?: number } & DrawOptions,
): T {
  const defaults = { ...draws, mean: 0, std: 1 };
  const { mean, std, generator } = mergeOptions<typeof defaults>("nn.init.normal_", defaults, options);
  return noGrad(() => normal(tensor, mean, std, { generator })) as T;
}

/** Fills with a number, in place. */
export function constant_<T extends Tensor>(tensor: T, value: number): T {
  return noGrad(() => fill(tensor, value)) as T;
}

/** Fills with zeros, in place. */
export function zeros_<T extends Tensor>(tensor: T): T {
  return constant_(tensor, 0);
}

/** Fills with ones, in place. */
export function ones_<T extends Tensor>(tensor: T): T {
  return constant_(tensor, 1);
}
