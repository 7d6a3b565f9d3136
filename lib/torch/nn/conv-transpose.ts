import { expected } from "../../errors.ts";
import { mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { type CommonConvolutionOptions, ConvolutionBase, commonDefaults } from "./convolution-base.ts";
import { convTranspose1d, convTranspose2d, convTranspose3d } from "./functional/convolution.ts";
import { literal } from "./representation.ts";
import { type Sizes, spread } from "./sizes.ts";

/** Options of the transposed convolutions. */
export interface ConvTransposeOptions extends CommonConvolutionOptions {
  /** By how much the output is smaller on both sides; 0 by default. */
  padding?: Sizes;
  /** By how much the output is larger on one side, less than the stride or the dilation; 0 by default. */
  outputPadding?: Sizes;
}

const defaults: Required<ConvTransposeOptions> = { ...commonDefaults, padding: 0, outputPadding: 0 };

abstract class ConvTranspose extends ConvolutionBase {
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  private readonly convolve: typeof convTranspose1d;

  constructor(
    dimensions: number,
    convolve: typeof convTranspose1d,
    channels: readonly [number, number],
    kernelSize: Sizes,
    given: ConvTransposeOptions | undefined,
  ) {
    const where = `nn.ConvTranspose${dimensions}d`;
    const { padding, outputPadding, ...options } = mergeOptions(where, defaults, given);
    const read = {
      padding: spread(where, "padding", padding, dimensions, 0),
      outputPadding: spread(where, "outputPadding", outputPadding, dimensions, 0),
    };
    super(where, dimensions, channels, kernelSize, options, true);
    this.padding = read.padding;
    this.outputPadding = read.outputPadding;
    this.convolve = convolve;
  }

  /**
   * @param outputSize - the size of the output, where the stride leaves several: of its last dimensions, or of all
   * @throws TypeError for a size that the stride does not allow.
   */
  override forward(input: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { bias, stride, padding, dilation, groups } = this;
    const outputPadding = outputSize === null ? this.outputPadding : this.paddingFor(input, outputSize);
    return this.convolve(input, this.weight, { bias, stride, padding, outputPadding, groups, dilation });
  }

  private paddingFor(input: Tensor, outputSize: readonly number[]): number[] {
    const dimensions = this.kernelSize.length;
    const where = `nn.ConvTranspose${dimensions}d`;
    const { shape } = input;
    const leading = shape.length - dimensions;
    if (leading !== 1 && leading !== 2)
      throw expected(where, `${dimensions + 1} or ${dimensions + 2} dimensions`, "input", shape);
    const sizes = outputSize.length === shape.length ? outputSize.slice(leading) : outputSize;
    if (sizes.length !== dimensions)
      throw expected(where, `${dimensions} or ${shape.length} sizes`, "outputSize", outputSize);
    return this.kernelSize.map((kernel, dim) => {
      const [stride = 1, padding = 0, dilation = 1] = [
        this.stride[dim],
        this.padding[dim],
        this.dilation[dim],
      ];
      const extent = shape[leading + dim] ?? 0;
      const least = (extent - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1;
      const wanted = sizes[dim] as number;
      if (!Number.isSafeInteger(wanted) || wanted < least || wanted > least + stride - 1)
        throw expected(where, `a size from ${least} to ${least + stride - 1}`, `outputSize[${dim}]`, wanted);
      return wanted - least;
    });
  }

  override extraRepr(): string {
    const { padding, outputPadding } = this;
    const isPadded = outputPadding.some((value) => value !== 0);
    return this.print(padding, isPadded ? { before: [`output_padding=${literal(outputPadding)}`] } : {});
  }
}

/**
 * The gradient of a convolution, as a layer: over [batch, inChannels, length], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(1, convTranspose1d, [inChannels, outChannels], kernelSize, options);
  }
}

/**
 * The gradient of a convolution, as a layer: over [batch, inChannels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(2, convTranspose2d, [inChannels, outChannels], kernelSize, options);
  }
}

/**
 * The gradient of a convolution, as a layer: over [batch, inChannels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(3, convTranspose3d, [inChannels, outChannels], kernelSize, options);
  }
}
