import { expected } from "../../errors.ts";
import { formatFloat } from "../../format-float.ts";
import { mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { type InterpolateOptions, type InterpolationMode, interpolate } from "./functional/upsampling.ts";
import { Module } from "./module.ts";
import { literal } from "./representation.ts";
import type { Sizes } from "./sizes.ts";

/** Options of {@link Upsample}. */
export type UpsampleOptions = Omit<InterpolateOptions, "antialias">;

const defaults = {
  size: null as Sizes | null,
  scaleFactor: null as number | readonly number[] | null,
  mode: "nearest" as InterpolationMode,
  alignCorners: null as boolean | null,
  recomputeScaleFactor: null as boolean | null,
};

/**
 * Makes [batch, channels, ...] of 1 to 3 more dimensions larger or smaller, to a size or by a factor.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
 */
export class Upsample extends Module {
  readonly options: Readonly<typeof defaults>;

  constructor(given: UpsampleOptions) {
    super();
    const options = mergeOptions<typeof defaults>("nn.Upsample", defaults, given);
    if ((options.size === null) === (options.scaleFactor === null))
      throw expected("nn.Upsample", "either size or scaleFactor", "options", given);
    this.options = options;
  }

  override forward(input: Tensor): Tensor {
    return interpolate(input, this.options);
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this.options;
    return `${scaleFactor === null ? `size=${literal(size)}` : `scale_factor=${factors(scaleFactor)}`}, mode='${mode}'`;
  }
}

function factors(value: number | readonly number[]): string {
  return typeof value === "number" ? formatFloat(value) : `(${value.map(formatFloat).join(", ")})`;
}

/** The size of the output, or by how much it grows. */
export type Upsampling2dOptions = Pick<InterpolateOptions, "size" | "scaleFactor">;

const sizeOrFactor = { size: defaults.size, scaleFactor: defaults.scaleFactor };

/**
 * Upsample of images that repeats the nearest pixel.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html
 */
export class UpsamplingNearest2d extends Upsample {
  constructor(options: Upsampling2dOptions) {
    super(mergeOptions<typeof sizeOrFactor>("nn.UpsamplingNearest2d", sizeOrFactor, options));
  }
}

/**
 * Upsample of images that is linear between pixels, with corners that coincide.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html
 */
export class UpsamplingBilinear2d extends Upsample {
  constructor(options: Upsampling2dOptions) {
    const read = mergeOptions<typeof sizeOrFactor>("nn.UpsamplingBilinear2d", sizeOrFactor, options);
    super({ ...read, mode: "bilinear", alignCorners: true });
  }
}
