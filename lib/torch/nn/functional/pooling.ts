import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, number } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import type { LPPoolOptions } from "../lp-pooling.ts";
import type { AvgPoolOptions, MaxPoolOptions } from "../pooling.ts";
import { type Sizes, spread } from "../sizes.ts";
import { relu } from "./activation.ts";

/** What pooling gives: maxima, or with `returnIndices` these and their positions. */
export type Pooled<Indices extends boolean> = Indices extends true
  ? [output: Tensor, indices: Tensor]
  : Tensor;

/** A function that gives the positions of the maxima too where it is asked for `returnIndices`. */
export interface WithIndices<Arguments extends unknown[], Options> {
  (...args: [...Arguments, options: Options & { returnIndices: true }]): [Tensor, Tensor];
  (...args: [...Arguments, options?: Options]): Tensor;
}

function maxPool(dimensions: number) {
  const where = `nn.functional.maxPool${dimensions}d`;
  const compute = operator(where, [`aten::max_pool${dimensions}d`]);
  const withIndices = operator(where, [`aten::max_pool${dimensions}d_with_indices`]);
  const defaults = {
    stride: null as Sizes | null,
    padding: 0 as Sizes,
    dilation: 1 as Sizes,
    ceilMode: false,
    returnIndices: false,
  };
  const pool = (input: Tensor, kernelSize: Sizes, given?: MaxPoolOptions): unknown => {
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    const call = boolean(where, "returnIndices", options.returnIndices) ? withIndices : compute;
    return call(
      input,
      spread(where, "kernelSize", kernelSize, dimensions, 1),
      spread(where, "stride", options.stride ?? kernelSize, dimensions, 1),
      spread(where, "padding", options.padding, dimensions, 0),
      spread(where, "dilation", options.dilation, dimensions, 1),
      options.ceilMode,
    );
  };
  return pool as WithIndices<[input: Tensor, kernelSize: Sizes], MaxPoolOptions>;
}

function avgPool(dimensions: number) {
  const where = `nn.functional.avgPool${dimensions}d`;
  const call = operator(where, [`aten::avg_pool${dimensions}d`]);
  const defaults = {
    stride: null as Sizes | null,
    padding: 0 as Sizes,
    ceilMode: false,
    countIncludePad: true,
    ...(dimensions === 1 ? {} : { divisorOverride: null as number | null }),
  };
  return (input: Tensor, kernelSize: Sizes, given?: AvgPoolOptions): Tensor => {
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    return call(
      input,
      spread(where, "kernelSize", kernelSize, dimensions, 1),
      spread(where, "stride", options.stride ?? kernelSize, dimensions, 1),
      spread(where, "padding", options.padding, dimensions, 0),
      options.ceilMode,
      options.countIncludePad,
      ...(dimensions === 1 ? [] : [options.divisorOverride]),
    ) as Tensor;
  };
}

/** The maximum of each window of [batch, channels, length]. */
export const maxPool1d = maxPool(1);
/** The maximum of each window of [batch, channels, height, width]. */
export const maxPool2d = maxPool(2);
/** The maximum of each window of [batch, channels, depth, height, width]. */
export const maxPool3d = maxPool(3);
/** The mean of each window of [batch, channels, length]. */
export const avgPool1d = avgPool(1);
/** The mean of each window of [batch, channels, height, width]. */
export const avgPool2d = avgPool(2);
/** The mean of each window of [batch, channels, depth, height, width]. */
export const avgPool3d = avgPool(3);

function lpPool(
  dimensions: number,
  max: (input: Tensor, kernelSize: Sizes, options: { stride: Sizes | null; ceilMode: boolean }) => Tensor,
  avg: typeof avgPool2d,
) {
  const where = `nn.functional.lpPool${dimensions}d`;
  const defaults = { stride: null as Sizes | null, ceilMode: false };
  return (input: Tensor, normType: number, kernelSize: Sizes, given?: LPPoolOptions): Tensor => {
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    if (normType === Number.POSITIVE_INFINITY) return max(input.abs(), kernelSize, options);
    if (normType === Number.NEGATIVE_INFINITY) return max(input.abs().neg(), kernelSize, options).neg();
    if (number(where, "normType", normType) === 0)
      throw expected(where, "a number that is not 0", "normType", 0);
    const elements = spread(where, "kernelSize", kernelSize, dimensions, 1).reduce((a, b) => a * b);
    const mean = avg(input.pow(normType), kernelSize, options);
    return mean
      .sign()
      .mul(relu(mean.abs()))
      .mul(elements)
      .pow(1 / normType);
  };
}

/** The p-norm of each window of [batch, channels, length]. */
export const lpPool1d = lpPool(1, maxPool1d, avgPool1d);
/** The p-norm of each window of [batch, channels, height, width]. */
export const lpPool2d = lpPool(2, maxPool2d, avgPool2d);
/** The p-norm of each window of [batch, channels, depth, height, width]. */
export const lpPool3d = lpPool(3, maxPool3d, avgPool3d);
