import { boolean, mergeOptions, number } from "../../options.ts";
import { native } from "../native.ts";
import type { Tensor } from "../tensor.ts";
import { listOf } from "./param-groups.ts";

/** Options of {@link clipGradNorm}. */
export interface ClipGradNormOptions {
  /** The p of the norm; Infinity for the largest element. Default: 2. */
  normType: number;
  /** Whether a norm that is infinite or NaN is an error, before anything is scaled by it. Default: false. */
  errorIfNonfinite: boolean;
}

const defaults: ClipGradNormOptions = { normType: 2, errorIfNonfinite: false };

/**
 * Scales the gradients, in place, so that the norm of all of them as one vector is at most `maxNorm`. Parameters
 * without a gradient are passed over.
 *
 * @returns that norm before.
 * @throws Error for a norm that is not finite, if `errorIfNonfinite` asks for it.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function clipGradNorm(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: Partial<ClipGradNormOptions> = {},
): number {
  const where = "clipGradNorm";
  const { normType, errorIfNonfinite } = mergeOptions(where, defaults, options);
  number(where, "maxNorm", maxNorm, { min: 0 });
  if (normType !== Number.POSITIVE_INFINITY) number(where, "normType", normType, { min: 0 });
  boolean(where, "errorIfNonfinite", errorIfNonfinite);
  return native.clipGradNorm(listOf(where, parameters), maxNorm, normType, errorIfNonfinite);
}

/**
 * Limits each element of the gradients, in place, to at most `clipValue` in size.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 */
export function clipGradValue(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  number("clipGradValue", "clipValue", clipValue, { min: 0 });
  native.clipGradValue(listOf("clipGradValue", parameters), clipValue);
}
