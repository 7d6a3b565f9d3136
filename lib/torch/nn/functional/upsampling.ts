import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, oneOf } from "../../../options.ts";
import type { NativeOperator } from "../../native-api.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import { ratios, type Sizes, spread } from "../sizes.ts";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "./adaptive-pooling.ts";

const where = "nn.functional.interpolate";
const modes = [
  "nearest",
  "linear",
  "bilinear",
  "bicubic",
  "trilinear",
  "area",
  "nearest-exact",
  "lanczos",
] as const;

/**
 * How values between those of the input are found.
 * @useDeclaredType
 */
export type InterpolationMode = (typeof modes)[number];

/** Options of {@link interpolate}. */
export interface InterpolateOptions {
  /** The size of the output; this or `scaleFactor` must be given. */
  size?: Sizes | null;
  /** By how much each dimension grows. */
  scaleFactor?: number | readonly number[] | null;
  /** "nearest" by default; the linear ones and "bicubic" each for its number of dimensions. */
  mode?: InterpolationMode;
  /** Whether the corners of input and output coincide (not for "nearest" and "area"); false by default. */
  alignCorners?: boolean | null;
  /** Whether the factor is computed anew from the size that comes out; false by default. */
  recomputeScaleFactor?: boolean | null;
  /** Whether to smooth where the output is smaller ("bilinear", "bicubic" and "lanczos"); false by default. */
  antialias?: boolean;
}

const defaults = {
  size: null as Sizes | null,
  scaleFactor: null as number | readonly number[] | null,
  mode: "nearest" as InterpolationMode,
  alignCorners: null as boolean | null,
  recomputeScaleFactor: null as boolean | null,
  antialias: false,
};

/** The operators by how many dimensions they work in. */
const nearest = [1, 2, 3].map((d) => operator(where, [`aten::upsample_nearest${d}d.vec`]));
const nearestExact = [1, 2, 3].map((d) => operator(where, [`aten::_upsample_nearest_exact${d}d.vec`]));
const area = [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d];
const smooth: Partial<Record<InterpolationMode, { dimensions: number; call: NativeOperator }>> = {
  linear: { dimensions: 1, call: operator(where, ["aten::upsample_linear1d.vec"]) },
  bilinear: { dimensions: 2, call: operator(where, ["aten::upsample_bilinear2d.vec"]) },
  bicubic: { dimensions: 2, call: operator(where, ["aten::upsample_bicubic2d.vec"]) },
  trilinear: { dimensions: 3, call: operator(where, ["aten::upsample_trilinear3d.vec"]) },
};
const antialiased: typeof smooth = {
  bilinear: { dimensions: 2, call: operator(where, ["aten::_upsample_bilinear2d_aa.vec"]) },
  bicubic: { dimensions: 2, call: operator(where, ["aten::_upsample_bicubic2d_aa.vec"]) },
  lanczos: { dimensions: 2, call: operator(where, ["aten::_upsample_lanczos2d_aa.vec"]) },
};

/** The size of the output, or the factors; the other of the two is null. */
function readTarget(
  space: readonly number[],
  { size, scaleFactor, recomputeScaleFactor, mode }: typeof defaults,
): { sizes: number[] | null; factors: number[] | null } {
  if (size !== null) {
    if (scaleFactor !== null) throw expected(where, "size or scaleFactor, not both", "options", size);
    if (recomputeScaleFactor) throw expected(where, "a scaleFactor", "recomputeScaleFactor", true);
    return { sizes: spread(where, "size", size, space.length, 1), factors: null };
  }
  if (scaleFactor === null) throw expected(where, "a size or a scaleFactor", "options", undefined);
  const factors = ratios(where, "scaleFactor", scaleFactor, space.length, { above: 0 });
  if (!recomputeScaleFactor && mode !== "area") return { sizes: null, factors };
  return {
    sizes: space.map((extent, dim) => Math.trunc(extent * (factors[dim] as number))),
    factors: null,
  };
}

/**
 * Makes an image, a sequence or a volume larger or smaller: [batch, channels, ...] of 1 to 3 more dimensions.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 */
export function interpolate(input: Tensor, given: InterpolateOptions): Tensor {
  const options = mergeOptions<typeof defaults>(where, defaults, given);
  const mode = oneOf(where, "mode", options.mode, modes);
  const [, , ...space] = input.shape;
  const dimensions = space.length;
  if (dimensions < 1 || dimensions > 3) throw expected(where, "3 to 5 dimensions", "input", input.shape);
  const { sizes, factors } = readTarget(space, options);
  const isSmooth = mode !== "area" && !mode.startsWith("nearest");
  if (!isSmooth && options.alignCorners !== null)
    throw expected(where, `null with mode "${mode}"`, "alignCorners", options.alignCorners);
  if (boolean(where, "antialias", options.antialias) && !(mode in antialiased))
    throw expected(where, "false, or one of the modes bilinear, bicubic and lanczos", "antialias", true);
  if (mode === "area") return (area[dimensions - 1] as typeof adaptiveAvgPool1d)(input, sizes as number[]);
  if (!isSmooth) {
    const call = (mode === "nearest" ? nearest : nearestExact)[dimensions - 1];
    return call?.(input, sizes, factors) as Tensor;
  }
  const found = (options.antialias ? antialiased : smooth)[mode];
  if (found === undefined) throw expected(where, `true with mode "${mode}"`, "antialias", false);
  if (found.dimensions !== dimensions)
    throw expected(where, `${found.dimensions + 2} dimensions with mode "${mode}"`, "input", input.shape);
  const alignCorners = boolean(where, "alignCorners", options.alignCorners ?? false);
  if (mode === "lanczos" && alignCorners)
    throw expected(where, 'false with mode "lanczos"', "alignCorners", true);
  return found.call(input, sizes, alignCorners, factors) as Tensor;
}
