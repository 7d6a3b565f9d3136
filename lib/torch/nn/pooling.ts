import { boolean, mergeOptions, number } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type Pooled,
} from "./functional/pooling.ts";
import { Module } from "./module.ts";
import { fields, literal } from "./representation.ts";
import { type Sizes, spread } from "./sizes.ts";

/** Options of the max poolings. */
export interface MaxPoolOptions {
  /** How far the window moves; the kernel's size by default. */
  stride?: Sizes | null;
  /** How much is added on both sides, at most half the kernel; 0 by default. */
  padding?: Sizes;
  /** How far apart the window's points are; 1 by default. */
  dilation?: Sizes;
  /** Whether to give `[output, indices]`, with the positions of the maxima for MaxUnpool; false by default. */
  returnIndices?: boolean;
  /** Whether the output's size is rounded up; false by default. */
  ceilMode?: boolean;
}

abstract class MaxPool<Indices extends boolean> extends Module {
  readonly kernelSize: Sizes;
  readonly options: Readonly<Required<MaxPoolOptions> & { stride: Sizes }>;
  private readonly pool: typeof maxPool1d;

  constructor(
    dimensions: number,
    pool: typeof maxPool1d,
    kernelSize: Sizes,
    given: MaxPoolOptions | undefined,
  ) {
    super();
    const where = `nn.MaxPool${dimensions}d`;
    const defaults = {
      stride: null as Sizes | null,
      padding: 0 as Sizes,
      dilation: 1 as Sizes,
      returnIndices: false,
      ceilMode: false,
    };
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    const stride = options.stride ?? kernelSize;
    spread(where, "kernelSize", kernelSize, dimensions, 1);
    spread(where, "stride", stride, dimensions, 1);
    spread(where, "padding", options.padding, dimensions, 0);
    spread(where, "dilation", options.dilation, dimensions, 1);
    for (const name of ["returnIndices", "ceilMode"] as const) boolean(where, name, options[name]);
    this.kernelSize = kernelSize;
    this.options = { ...options, stride };
    this.pool = pool;
  }

  override forward(input: Tensor): Pooled<Indices> {
    return this.pool(input, this.kernelSize, this.options) as Pooled<Indices>;
  }

  override extraRepr(): string {
    const { stride, padding, dilation, ceilMode } = this.options;
    return fields({
      kernel_size: literal(this.kernelSize),
      stride: literal(stride),
      padding: literal(padding),
      dilation: literal(dilation),
      ceil_mode: literal(ceilMode),
    });
  }
}

/**
 * The maximum of each window over [batch, channels, length], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
 */
export class MaxPool1d<Indices extends boolean = false> extends MaxPool<Indices> {
  constructor(kernelSize: Sizes, options?: MaxPoolOptions & { returnIndices?: Indices }) {
    super(1, maxPool1d, kernelSize, options);
  }
}

/**
 * The maximum of each window over [batch, channels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export class MaxPool2d<Indices extends boolean = false> extends MaxPool<Indices> {
  constructor(kernelSize: Sizes, options?: MaxPoolOptions & { returnIndices?: Indices }) {
    super(2, maxPool2d, kernelSize, options);
  }
}

/**
 * The maximum of each window over [batch, channels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
 */
export class MaxPool3d<Indices extends boolean = false> extends MaxPool<Indices> {
  constructor(kernelSize: Sizes, options?: MaxPoolOptions & { returnIndices?: Indices }) {
    super(3, maxPool3d, kernelSize, options);
  }
}

/** Options of the average poolings. */
export interface AvgPoolOptions {
  /** How far the window moves; the kernel's size by default. */
  stride?: Sizes | null;
  /** How many zeros are added on both sides, at most half the kernel; 0 by default. */
  padding?: Sizes;
  /** Whether the output's size is rounded up; false by default. */
  ceilMode?: boolean;
  /** Whether the padding counts in the mean; true by default. */
  countIncludePad?: boolean;
  /** What to divide by instead of the window's size (not in one dimension); null by default. */
  divisorOverride?: number | null;
}

abstract class AvgPool extends Module {
  readonly kernelSize: Sizes;
  readonly options: Readonly<AvgPoolOptions & { stride: Sizes; padding: Sizes }>;
  private readonly pool: typeof avgPool1d;

  constructor(
    dimensions: number,
    pool: typeof avgPool1d,
    kernelSize: Sizes,
    given: AvgPoolOptions | undefined,
  ) {
    super();
    const where = `nn.AvgPool${dimensions}d`;
    const defaults = {
      stride: null as Sizes | null,
      padding: 0 as Sizes,
      ceilMode: false,
      countIncludePad: true,
      ...(dimensions === 1 ? {} : { divisorOverride: null as number | null }),
    };
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    const kernel = spread(where, "kernelSize", kernelSize, dimensions, 1);
    const stride = spread(where, "stride", options.stride ?? kernelSize, dimensions, 1);
    const padding = spread(where, "padding", options.padding, dimensions, 0);
    for (const name of ["ceilMode", "countIncludePad"] as const) boolean(where, name, options[name]);
    const { divisorOverride = null } = options;
    if (divisorOverride !== null)
      number(where, "divisorOverride", divisorOverride, { min: 1, integer: true });
    // As in Python, only the form of one dimension spells its sizes out.
    this.kernelSize = dimensions === 1 ? kernel : kernelSize;
    this.options =
      dimensions === 1
        ? { ...options, stride, padding }
        : { ...options, stride: options.stride ?? kernelSize };
    this.pool = pool;
  }

  override forward(input: Tensor): Tensor {
    return this.pool(input, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    const { stride, padding } = this.options;
    const kernel = literal(this.kernelSize);
    return fields({ kernel_size: kernel, stride: literal(stride), padding: literal(padding) });
  }
}

/**
 * The mean of each window over [batch, channels, length], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
 */
export class AvgPool1d extends AvgPool {
  constructor(kernelSize: Sizes, options?: Omit<AvgPoolOptions, "divisorOverride">) {
    super(1, avgPool1d, kernelSize, options);
  }
}

/**
 * The mean of each window over [batch, channels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export class AvgPool2d extends AvgPool {
  constructor(kernelSize: Sizes, options?: AvgPoolOptions) {
    super(2, avgPool2d, kernelSize, options);
  }
}

/**
 * The mean of each window over [batch, channels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
 */
export class AvgPool3d extends AvgPool {
  constructor(kernelSize: Sizes, options?: AvgPoolOptions) {
    super(3, avgPool3d, kernelSize, options);
  }
}
