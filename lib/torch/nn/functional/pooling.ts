import { mergeOptions } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import type { AvgPoolOptions, MaxPoolOptions, OutputSize } from "../pooling.ts";
import { type Sizes, spread } from "../sizes.ts";

function maxPool(dimensions: number) {
  const where = `nn.functional.maxPool${dimensions}d`;
  const call = operator(where, [`aten::max_pool${dimensions}d`]);
  const defaults = {
    stride: null as Sizes | null,
    padding: 0 as Sizes,
    dilation: 1 as Sizes,
    ceilMode: false,
  };
  return (input: Tensor, kernelSize: Sizes, given?: MaxPoolOptions): Tensor => {
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    return call(
      input,
      spread(where, "kernelSize", kernelSize, dimensions, 1),
      spread(where, "stride", options.stride ?? kernelSize, dimensions, 1),
      spread(where, "padding", options.padding, dimensions, 0),
      spread(where, "dilation", options.dilation, dimensions, 1),
      options.ceilMode,
    ) as Tensor;
  };
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

const adaptiveOperator = operator("nn.functional.adaptiveAvgPool2d", ["aten::adaptive_avg_pool2d"]);

/** Means over windows chosen so that the output is of the given height and width; null keeps the input's. */
export function adaptiveAvgPool2d(input: Tensor, outputSize: OutputSize): Tensor {
  const space = input.shape.slice(-2);
  const wanted = Array.isArray(outputSize) ? outputSize.map((value, dim) => value ?? space[dim]) : outputSize;
  return adaptiveOperator(
    input,
    spread("nn.functional.adaptiveAvgPool2d", "outputSize", wanted, 2, 0),
  ) as Tensor;
}
