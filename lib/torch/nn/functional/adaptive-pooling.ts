import { mergeOptions } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import type { OutputSize } from "../adaptive-pooling.ts";
import { spreadOrNull } from "../sizes.ts";
import type { WithIndices } from "./pooling.ts";

/** The sizes of the output, where null stands for the input's. */
function readOutput(where: string, input: Tensor, outputSize: OutputSize, dimensions: number): number[] {
  const space = input.shape.slice(-dimensions);
  const sizes = spreadOrNull(where, "outputSize", outputSize, dimensions, 0);
  return sizes.map((value, dim) => value ?? space[dim] ?? 0);
}

function adaptiveAvgPool(dimensions: number) {
  const where = `nn.functional.adaptiveAvgPool${dimensions}d`;
  const call = operator(where, [`aten::adaptive_avg_pool${dimensions}d`]);
  return (input: Tensor, outputSize: OutputSize): Tensor =>
    call(input, readOutput(where, input, outputSize, dimensions)) as Tensor;
}

function adaptiveMaxPool(dimensions: number) {
  const where = `nn.functional.adaptiveMaxPool${dimensions}d`;
  const call = operator(where, [`aten::adaptive_max_pool${dimensions}d`]);
  const pool = (input: Tensor, outputSize: OutputSize, options?: { returnIndices?: boolean }): unknown => {
    const { returnIndices } = mergeOptions(where, { returnIndices: false }, options);
    const both = call(input, readOutput(where, input, outputSize, dimensions)) as [Tensor, Tensor];
    return returnIndices ? both : both[0];
  };
  return pool as WithIndices<[input: Tensor, outputSize: OutputSize], { returnIndices?: boolean }>;
}

/** Means over windows chosen so that the output is of the given length. */
export const adaptiveAvgPool1d = adaptiveAvgPool(1);
/** Means over windows chosen so that the output is of the given height and width; null keeps the input's. */
export const adaptiveAvgPool2d = adaptiveAvgPool(2);
/** Means over windows chosen so that the output is of the given depth, height and width; null keeps the input's. */
export const adaptiveAvgPool3d = adaptiveAvgPool(3);
/** Maxima over windows chosen so that the output is of the given length. */
export const adaptiveMaxPool1d = adaptiveMaxPool(1);
/** Maxima over windows chosen so that the output is of the given height and width; null keeps the input's. */
export const adaptiveMaxPool2d = adaptiveMaxPool(2);
/** Maxima over windows chosen so that the output is of the given depth, height and width; null keeps the input's. */
export const adaptiveMaxPool3d = adaptiveMaxPool(3);
