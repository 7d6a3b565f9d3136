import { expected } from "../../errors.ts";
import { boolean, mergeOptions, oneOf } from "../../options.ts";
import { type FactoryOptions, factoryDefaults } from "./factory.ts";
import { UnaryModule } from "./native-module.ts";
import type { Parameter } from "./parameter.ts";
import { literal } from "./representation.ts";
import { type Sizes, size, spread } from "./sizes.ts";

export interface ConvolutionOptions extends FactoryOptions {
  /** How far the kernel moves; 1 by default. */
  stride?: Sizes;
  /** What is added on both sides: sizes, "valid" (nothing) or "same" (the output is of the input's size); 0 by default. */
  padding?: Sizes | "valid" | "same";
  /** How far apart the kernel's points are; 1 by default. */
  dilation?: Sizes;
  /** Into how many groups of channels it falls apart; 1 by default. */
  groups?: number;
  /** Whether it adds a learned bias; true by default. */
  bias?: boolean;
  /** What the padding consists of; "zeros" by default. */
  paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
}

const defaults: Required<ConvolutionOptions> = {
  ...factoryDefaults,
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 1,
  bias: true,
  paddingMode: "zeros",
};

abstract class Convolution extends UnaryModule {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | "valid" | "same";
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly paddingMode: string;
  /** [outChannels, inChannels / groups, ...kernelSize] */
  declare weight: Parameter;
  /** [outChannels] */
  declare bias: Parameter | null;

  constructor(
    dimensions: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    given: ConvolutionOptions | undefined,
  ) {
    const kind = `Conv${dimensions}d`;
    const where = `nn.${kind}`;
    const { padding, ...options } = mergeOptions(where, defaults, given);
    const read = {
      dtype: options.dtype,
      device: options.device,
      inChannels: size(where, "inChannels", inChannels),
      outChannels: size(where, "outChannels", outChannels),
      kernelSize: spread(where, "kernelSize", kernelSize, dimensions, 1),
      stride: spread(where, "stride", options.stride, dimensions, 1),
      padding:
        typeof padding === "string"
          ? oneOf(where, "padding", padding, ["valid", "same"])
          : spread(where, "padding", padding, dimensions, 0),
      dilation: spread(where, "dilation", options.dilation, dimensions, 1),
      groups: size(where, "groups", options.groups),
      bias: boolean(where, "bias", options.bias),
      paddingMode: oneOf(where, "paddingMode", options.paddingMode, [
        "zeros",
        "reflect",
        "replicate",
        "circular",
      ]),
    };
    for (const name of ["inChannels", "outChannels"] as const) {
      if (read[name] % read.groups !== 0)
        throw expected(where, `a multiple of groups (${read.groups})`, name, read[name]);
    }
    if (read.padding === "same" && read.stride.some((stride) => stride !== 1)) {
      throw expected(where, 'a stride of 1 with padding "same"', "stride", options.stride);
    }
    super(kind, read);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = read.kernelSize;
    this.stride = read.stride;
    this.padding = read.padding;
    this.dilation = read.dilation;
    this.groups = read.groups;
    this.paddingMode = read.paddingMode;
  }

  override extraRepr(): string {
    const { padding } = this;
    const isPadded = typeof padding === "string" || padding.some((value) => value !== 0);
    return [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${literal(this.kernelSize)}`,
      `stride=${literal(this.stride)}`,
      isPadded ? `padding=${typeof padding === "string" ? padding : literal(padding)}` : [],
      this.dilation.some((value) => value !== 1) ? `dilation=${literal(this.dilation)}` : [],
      this.groups !== 1 ? `groups=${this.groups}` : [],
      this.bias === null ? "bias=False" : [],
      this.paddingMode !== "zeros" ? `padding_mode=${this.paddingMode}` : [],
    ]
      .flat()
      .join(", ");
  }
}

/**
 * Convolution over [batch, inChannels, length], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
 */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvolutionOptions) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * Convolution over [batch, inChannels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvolutionOptions) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
}

/**
 * Convolution over [batch, inChannels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
 */
export class Conv3d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvolutionOptions) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
}
