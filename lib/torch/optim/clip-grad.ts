import { number } from "../../options.ts";
import { native } from "../native.ts";
import type { Tensor } from "../tensor.ts";
import { listOf } from "./optimizer.ts";

/**
 * Scales the gradients, in place, so that the norm of all of them as one vector is at most `maxNorm`. Parameters
 * without a gradient are passed over.
 *
 * @param options.normType - the p of the norm; Infinity for the largest element. Default: 2.
 * @returns that norm before.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function clipGradNorm(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: { normType?: number } = {},
): number {
  const { normType = 2 } = options;
  number("clipGradNorm", "maxNorm", maxNorm, { min: 0 });
  if (normType !== Number.POSITIVE_INFINITY) number("clipGradNorm", "normType", normType, { min: 0 });
  return native.clipGradNorm(listOf("clipGradNorm", parameters), maxNorm, normType);
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
