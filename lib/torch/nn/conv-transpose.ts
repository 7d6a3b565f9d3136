import { expected } from "../../errors.ts";
import { boolean, mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { emptyParameter, type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import { convTranspose1d, convTranspose2d, convTranspose3d } from "./functional/convolution.ts";
import { kaimingUniform_, uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { literal } from "./representation.ts";
import { type Sizes, size, spread } from "./sizes.ts";

export interface ConvTransposeOptions extends FactoryOptions {
  /** How far the kernel moves in the output; 1 by default. */
  stride?: Sizes;
  /** By how much the output is smaller on both sides; 0 by default. */
  padding?: Sizes;
  /** By how much the output is larger on one side, less than the stride or the dilation; 0 by default. */
  outputPadding?: Sizes;
  /** Into how many groups of channels it falls apart; 1 by default. */
  groups?: number;
  /** Whether it adds a learned bias; true by default. */
  bias?: boolean;
  /** How far apart the kernel's points are; 1 by default. */
  dilation?: Sizes;
}

const defaults: Required<ConvTransposeOptions> = {
  ...factoryDefaults,
  stride: 1,
  padding: 0,
  outputPadding: 0,
  groups: 1,
  bias: true,
  dilation: 1,
};

abstract class ConvTranspose extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  /** [inChannels, outChannels / groups, ...kernelSize] */
  weight: Parameter;
  /** [outChannels] */
  bias: Parameter | null;
  readonly #convolve: typeof convTranspose1d;

  constructor(
    dimensions: number,
    convolve: typeof convTranspose1d,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    given: ConvTransposeOptions | undefined,
  ) {
    super();
    const where = `nn.ConvTranspose${dimensions}d`;
    const options = mergeOptions(where, defaults, given);
    this.inChannels = size(where, "inChannels", inChannels);
    this.outChannels = size(where, "outChannels", outChannels);
    this.kernelSize = spread(where, "kernelSize", kernelSize, dimensions, 1);
    this.stride = spread(where, "stride", options.stride, dimensions, 1);
    this.padding = spread(where, "padding", options.padding, dimensions, 0);
    this.outputPadding = spread(where, "outputPadding", options.outputPadding, dimensions, 0);
    this.dilation = spread(where, "dilation", options.dilation, dimensions, 1);
    this.groups = size(where, "groups", options.groups);
    for (const name of ["inChannels", "outChannels"] as const) {
      if (this[name] % this.groups !== 0)
        throw expected(where, `a multiple of groups (${this.groups})`, name, this[name]);
    }
    const factory = readFactory(where, options);
    const perGroup = outChannels / this.groups;
    this.weight = emptyParameter([inChannels, perGroup, ...this.kernelSize], factory);
    this.bias = boolean(where, "bias", options.bias) ? emptyParameter([outChannels], factory) : null;
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias !== null) {
      const bound = 1 / Math.sqrt(perGroup * this.kernelSize.reduce((product, extent) => product * extent));
      uniform_(this.bias, { a: -bound, b: bound });
    }
    this.#convolve = convolve;
  }

  /**
   * @param outputSize - the size of the output, where the stride leaves several: of its last dimensions, or of all
   * @throws TypeError for a size that the stride does not allow.
   */
  override forward(input: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { bias, stride, padding, dilation, groups } = this;
    const outputPadding = outputSize === null ? this.outputPadding : this.#paddingFor(input, outputSize);
    return this.#convolve(input, this.weight, { bias, stride, padding, outputPadding, groups, dilation });
  }

  #paddingFor(input: Tensor, outputSize: readonly number[]): number[] {
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
    const { padding, outputPadding, dilation } = this;
    const differs = (values: readonly number[], usual: number) => values.some((value) => value !== usual);
    return [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${literal(this.kernelSize)}`,
      `stride=${literal(this.stride)}`,
      differs(padding, 0) ? `padding=${literal(padding)}` : [],
      differs(dilation, 1) ? `dilation=${literal(dilation)}` : [],
      differs(outputPadding, 0) ? `output_padding=${literal(outputPadding)}` : [],
      this.groups !== 1 ? `groups=${this.groups}` : [],
      this.bias === null ? "bias=False" : [],
    ]
      .flat()
      .join(", ");
  }
}

/**
 * The gradient of a convolution, as a layer: over [batch, inChannels, length], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(1, convTranspose1d, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * The gradient of a convolution, as a layer: over [batch, inChannels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(2, convTranspose2d, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * The gradient of a convolution, as a layer: over [batch, inChannels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(3, convTranspose3d, inChannels, outChannels, kernelSize, options);
  }
}
