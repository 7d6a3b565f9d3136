import { boolean, mergeOptions, number } from "../../options.ts";
import { UnaryModule } from "./native-module.ts";
import { fields, literal } from "./representation.ts";
import { type Sizes, spread } from "./sizes.ts";

export interface MaxPoolOptions {
  /** How far the window moves; the kernel's size by default. */
  stride?: Sizes | null;
  /** How much is added on both sides, at most half the kernel; 0 by default. */
  padding?: Sizes;
  /** How far apart the window's points are; 1 by default. */
  dilation?: Sizes;
  /** Whether the output's size is rounded up; false by default. */
  ceilMode?: boolean;
}

abstract class MaxPool extends UnaryModule {
  private readonly given: {
    kernelSize: Sizes;
    stride: Sizes;
    padding: Sizes;
    dilation: Sizes;
    ceilMode: boolean;
  };

  constructor(dimensions: number, kernelSize: Sizes, given: MaxPoolOptions | undefined) {
    const kind = `MaxPool${dimensions}d`;
    const where = `nn.${kind}`;
    const defaults = {
      stride: null as Sizes | null,
      padding: 0 as Sizes,
      dilation: 1 as Sizes,
      ceilMode: false,
    };
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    const stride = options.stride ?? kernelSize;
    super(kind, {
      kernelSize: spread(where, "kernelSize", kernelSize, dimensions, 1),
      stride: spread(where, "stride", stride, dimensions, 1),
      padding: spread(where, "padding", options.padding, dimensions, 0),
      dilation: spread(where, "dilation", options.dilation, dimensions, 1),
      ceilMode: boolean(where, "ceilMode", options.ceilMode),
    });
    this.given = { ...options, kernelSize, stride };
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this.given;
    return fields({
      kernel_size: literal(kernelSize),
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
export class MaxPool1d extends MaxPool {
  constructor(kernelSize: Sizes, options?: MaxPoolOptions) {
    super(1, kernelSize, options);
  }
}

/**
 * The maximum of each window over [batch, channels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export class MaxPool2d extends MaxPool {
  constructor(kernelSize: Sizes, options?: MaxPoolOptions) {
    super(2, kernelSize, options);
  }
}

/**
 * The maximum of each window over [batch, channels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
 */
export class MaxPool3d extends MaxPool {
  constructor(kernelSize: Sizes, options?: MaxPoolOptions) {
    super(3, kernelSize, options);
  }
}

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

abstract class AvgPool extends UnaryModule {
  private readonly given: { kernel_size: Sizes; stride: Sizes; padding: Sizes };

  constructor(dimensions: number, kernelSize: Sizes, given: AvgPoolOptions | undefined) {
    const kind = `AvgPool${dimensions}d`;
    const where = `nn.${kind}`;
    const defaults = {
      stride: null as Sizes | null,
      padding: 0 as Sizes,
      ceilMode: false,
      countIncludePad: true,
      ...(dimensions === 1 ? {} : { divisorOverride: null as number | null }),
    };
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    const stride = options.stride ?? kernelSize;
    const { divisorOverride = null } = options;
    if (divisorOverride !== null)
      number(where, "divisorOverride", divisorOverride, { min: 1, integer: true });
    const read = {
      kernelSize: spread(where, "kernelSize", kernelSize, dimensions, 1),
      stride: spread(where, "stride", stride, dimensions, 1),
      padding: spread(where, "padding", options.padding, dimensions, 0),
    };
    super(kind, {
      ...read,
      ceilMode: boolean(where, "ceilMode", options.ceilMode),
      countIncludePad: boolean(where, "countIncludePad", options.countIncludePad),
      divisorOverride,
    });
    this.given =
      dimensions === 1
        ? { kernel_size: read.kernelSize, stride: read.stride, padding: read.padding }
        : { kernel_size: kernelSize, stride, padding: options.padding };
  }

  override extraRepr(): string {
    const { kernel_size, stride, padding } = this.given;
    return fields({ kernel_size: literal(kernel_size), stride: literal(stride), padding: literal(padding) });
  }
}

/**
 * The mean of each window over [batch, channels, length], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
 */
export class AvgPool1d extends AvgPool {
  constructor(kernelSize: Sizes, options?: Omit<AvgPoolOptions, "divisorOverride">) {
    super(1, kernelSize, options);
  }
}

/**
 * The mean of each window over [batch, channels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export class AvgPool2d extends AvgPool {
  constructor(kernelSize: Sizes, options?: AvgPoolOptions) {
    super(2, kernelSize, options);
  }
}

/**
 * The mean of each window over [batch, channels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
 */
export class AvgPool3d extends AvgPool {
  constructor(kernelSize: Sizes, options?: AvgPoolOptions) {
    super(3, kernelSize, options);
  }
}

/** A size for every dimension, or one for each, where null keeps the input's. */
export type OutputSize = number | readonly (number | null)[];

abstract class AdaptiveAvgPool extends UnaryModule {
  readonly outputSize: OutputSize;

  constructor(dimensions: number, outputSize: OutputSize) {
    const kind = `AdaptiveAvgPool${dimensions}d`;
    const where = `nn.${kind}`;
    const keeps = (value: unknown) => value === null && dimensions > 1;
    const checked = Array.isArray(outputSize)
      ? outputSize.map((value) => (keeps(value) ? 1 : value))
      : outputSize;
    const sizes = spread(where, "outputSize", checked, dimensions, 0);
    super(kind, {
      outputSize: sizes.map((value, dim) => ([outputSize].flat()[dim] === null ? null : value)),
    });
    this.outputSize = outputSize;
  }

  override extraRepr(): string {
    return fields({ output_size: literal(this.outputSize) });
  }
}

/**
 * Means over windows chosen so that the output is of the given length.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
 */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool {
  constructor(outputSize: number | readonly number[]) {
    super(1, outputSize);
  }
}

/**
 * Means over windows chosen so that the output is of the given height and width.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSize) {
    super(2, outputSize);
  }
}

/**
 * Means over windows chosen so that the output is of the given depth, height and width.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
 */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSize) {
    super(3, outputSize);
  }
}
