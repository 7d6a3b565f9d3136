import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, oneOf } from "../../../options.ts";
import { isFloating } from "../../dtype.ts";
import { affineGridGenerator, gridSampler } from "../../generated/functions.ts";
import type { Tensor } from "../../tensor.ts";
import { size } from "../sizes.ts";
import { checkSize } from "./attention-masks.ts";

const modes = ["bilinear", "nearest", "bicubic"] as const;
const paddingModes = ["zeros", "border", "reflection"] as const;

/** Options of {@link gridSample}. */
export interface GridSampleOptions {
  /** How values between pixels come about; "bilinear" by default. "bicubic" is for images alone. */
  mode?: (typeof modes)[number];
  /** What is outside of the input: 0 (the default), its border, or its reflection. */
  paddingMode?: (typeof paddingModes)[number];
  /** Whether -1 and 1 are the centres of the corner pixels, rather than their outer corners; false by default. */
  alignCorners?: boolean;
}

/** Far outside of every image, and yet within what all floating dtypes hold. */
const farthest = 2 ** 15;

/**
 * Values of an input at the positions of a grid, from -1 to 1 in each dimension; NaN stands for -1.
 *
 * @param input - [batch, channels, height, width] or [batch, channels, depth, height, width]
 * @param grid - [batch, ...outputSizes, 2 or 3], x before y before z
 * @returns [batch, channels, ...outputSizes]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
 */
export function gridSample(input: Tensor, grid: Tensor, options?: GridSampleOptions): Tensor {
  const where = "nn.functional.gridSample";
  const defaults: Required<GridSampleOptions> = {
    mode: "bilinear",
    paddingMode: "zeros",
    alignCorners: false,
  };
  const { mode, paddingMode, alignCorners } = mergeOptions(where, defaults, options);
  const kind = modes.indexOf(oneOf(where, "mode", mode, modes));
  const padding = paddingModes.indexOf(oneOf(where, "paddingMode", paddingMode, paddingModes));
  // Where they are not masked, LibTorch reads at the positions that NaN and infinities become as integers.
  const isMasked = paddingMode === "zeros";
  const positions = isMasked ? grid : grid.nanToNum(-1).clamp(-farthest, farthest);
  return gridSampler(input, positions, kind, padding, boolean(where, "alignCorners", alignCorners));
}

/**
 * The grid that an affine map of the output's positions gives, for {@link gridSample}.
 *
 * @param theta - floating [batch, 2, 3] for images, [batch, 3, 4] for volumes
 * @param outputSize - [batch, channels, height, width] or [batch, channels, depth, height, width]
 * @returns [batch, ...outputSizes, 2 or 3]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html
 */
export function affineGrid(
  theta: Tensor,
  outputSize: readonly number[],
  options?: { alignCorners?: boolean },
): Tensor {
  const where = "nn.functional.affineGrid";
  const { alignCorners } = mergeOptions(where, { alignCorners: false }, options);
  if (!Array.isArray(outputSize) || (outputSize.length !== 4 && outputSize.length !== 5))
    throw expected(where, "an array of 4 or 5 sizes", "outputSize", outputSize);
  for (const extent of outputSize) size(where, "outputSize", extent);
  if (!isFloating(theta.dtype)) throw expected(where, "a floating tensor", "theta", theta.dtype);
  const dimensions = outputSize.length - 2;
  checkSize(where, "theta", theta, [outputSize[0], dimensions, dimensions + 1]);
  return affineGridGenerator(theta, outputSize, boolean(where, "alignCorners", alignCorners));
}
