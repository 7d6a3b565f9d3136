import { expected } from "../../errors.ts";
import { boolean } from "../../options.ts";
import { emptyParameter, type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import { kaimingUniform_, uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { literal } from "./representation.ts";
import { type Sizes, size, spread } from "./sizes.ts";

/** The options that a convolution and its transpose have in common. */
export interface CommonConvolutionOptions extends FactoryOptions {
  /** How far the kernel moves; 1 by default. */
  stride?: Sizes;
  /** How far apart the kernel's points are; 1 by default. */
  dilation?: Sizes;
  /** Into how many groups of channels it falls apart; 1 by default. */
  groups?: number;
  /** Whether it adds a learned bias; true by default. */
  bias?: boolean;
}

export const commonDefaults: Required<CommonConvolutionOptions> = {
  ...factoryDefaults,
  stride: 1,
  dilation: 1,
  groups: 1,
  bias: true,
};

/** What a convolution and its transpose have in common: channels, a kernel and its weights. */
export abstract class ConvolutionBase extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  /** [outChannels, inChannels / groups, ...kernelSize]; of a transpose, with the channels the other way round. */
  weight: Parameter;
  /** [outChannels] */
  bias: Parameter | null;

  constructor(
    where: string,
    dimensions: number,
    [inChannels, outChannels]: readonly [number, number],
    kernelSize: Sizes,
    options: Required<CommonConvolutionOptions>,
    isTransposed: boolean,
  ) {
    super();
    this.inChannels = size(where, "inChannels", inChannels);
    this.outChannels = size(where, "outChannels", outChannels);
    this.kernelSize = spread(where, "kernelSize", kernelSize, dimensions, 1);
    this.stride = spread(where, "stride", options.stride, dimensions, 1);
    this.dilation = spread(where, "dilation", options.dilation, dimensions, 1);
    this.groups = size(where, "groups", options.groups);
    for (const name of ["inChannels", "outChannels"] as const) {
      if (this[name] % this.groups !== 0)
        throw expected(where, `a multiple of groups (${this.groups})`, name, this[name]);
    }
    const [first, second] = isTransposed ? [inChannels, outChannels] : [outChannels, inChannels];
    const perGroup = second / this.groups;
    const factory = readFactory(where, options);
    this.weight = emptyParameter([first, perGroup, ...this.kernelSize], factory);
    this.bias = boolean(where, "bias", options.bias) ? emptyParameter([outChannels], factory) : null;
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias === null) return;
    const bound = 1 / Math.sqrt(this.kernelSize.reduce((product, extent) => product * extent, perGroup));
    uniform_(this.bias, { a: -bound, b: bound });
  }

  /** Prints what both have, and between it what each has of its own. */
  protected print(padding: readonly number[] | string, own: { before?: string[]; after?: string[] }): string {
    const isPadded = typeof padding === "string" || padding.some((value) => value !== 0);
    return [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${literal(this.kernelSize)}`,
      `stride=${literal(this.stride)}`,
      isPadded ? `padding=${typeof padding === "string" ? padding : literal(padding)}` : [],
      this.dilation.some((value) => value !== 1) ? `dilation=${literal(this.dilation)}` : [],
      own.before ?? [],
      this.groups !== 1 ? `groups=${this.groups}` : [],
      this.bias === null ? "bias=False" : [],
      own.after ?? [],
    ]
      .flat()
      .join(", ");
  }
}
