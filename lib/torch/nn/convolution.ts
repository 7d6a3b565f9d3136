import { expected } from "../../errors.ts";
import { mergeOptions, oneOf } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { type CommonConvolutionOptions, ConvolutionBase, commonDefaults } from "./convolution-base.ts";
import { conv1d, conv2d, conv3d } from "./functional/convolution.ts";
import { pad } from "./functional/padding.ts";
import { type Sizes, spread } from "./sizes.ts";

/** Options of the convolutions. */
export interface ConvolutionOptions extends CommonConvolutionOptions {
  /** What is added on both sides: sizes, "valid" (nothing) or "same" (the output is of the input's size); 0 by default. */
  padding?: Sizes | "valid" | "same";
  /** What the padding consists of; "zeros" by default. */
  paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
}

const defaults: Required<ConvolutionOptions> = { ...commonDefaults, padding: 0, paddingMode: "zeros" };

abstract class Convolution extends ConvolutionBase {
  readonly padding: readonly number[] | "valid" | "same";
  readonly paddingMode: Required<ConvolutionOptions>["paddingMode"];
  private readonly convolve: typeof conv1d;

  constructor(
    dimensions: number,
    convolve: typeof conv1d,
    channels: readonly [number, number],
    kernelSize: Sizes,
    given: ConvolutionOptions | undefined,
  ) {
    const where = `nn.Conv${dimensions}d`;
    const { padding, paddingMode, ...options } = mergeOptions(where, defaults, given);
    oneOf(where, "paddingMode", paddingMode, ["zeros", "reflect", "replicate", "circular"]);
    const read =
      typeof padding === "string"
        ? oneOf(where, "padding", padding, ["valid", "same"])
        : spread(where, "padding", padding, dimensions, 0);
    super(where, dimensions, channels, kernelSize, options, false);
    if (padding === "same" && this.stride.some((stride) => stride !== 1))
      throw expected(where, 'a stride of 1 with padding "same"', "stride", options.stride);
    this.padding = read;
    this.paddingMode = paddingMode;
    this.convolve = convolve;
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups, paddingMode } = this;
    if (paddingMode === "zeros")
      return this.convolve(input, weight, { bias, stride, padding, dilation, groups });
    const padded = pad(input, this.sides(), { mode: paddingMode });
    return this.convolve(padded, weight, { bias, stride, dilation, groups });
  }

  /** How much is added before and after each dimension, the last first. */
  private sides(): number[] {
    const { kernelSize, dilation, padding } = this;
    const sides = kernelSize.map((kernel, dim) => {
      if (typeof padding !== "string") return [padding[dim] ?? 0, padding[dim] ?? 0];
      const total = padding === "valid" ? 0 : (dilation[dim] ?? 1) * (kernel - 1);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
    return sides.reverse().flat();
  }

  override extraRepr(): string {
    const { padding, paddingMode } = this;
    return this.print(padding, paddingMode === "zeros" ? {} : { after: [`padding_mode=${paddingMode}`] });
  }
}

/**
 * Convolution over [batch, inChannels, length], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
 */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvolutionOptions) {
    super(1, conv1d, [inChannels, outChannels], kernelSize, options);
  }
}

/**
 * Convolution over [batch, inChannels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvolutionOptions) {
    super(2, conv2d, [inChannels, outChannels], kernelSize, options);
  }
}

/**
 * Convolution over [batch, inChannels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
 */
export class Conv3d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvolutionOptions) {
    super(3, conv3d, [inChannels, outChannels], kernelSize, options);
  }
}
