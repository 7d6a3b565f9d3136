import { boolean, mergeOptions, number } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { lpPool1d, lpPool2d, lpPool3d } from "./functional/pooling.ts";
import { Module } from "./module.ts";
import { fields, literal, numeral } from "./representation.ts";
import { type Sizes, spread } from "./sizes.ts";

/** Options of the power-average poolings. */
export interface LPPoolOptions {
  /** How far the window moves; the kernel's size by default. */
  stride?: Sizes | null;
  /** Whether the output's size is rounded up; false by default. */
  ceilMode?: boolean;
}

abstract class LPPool extends Module {
  readonly normType: number;
  readonly kernelSize: Sizes;
  readonly options: Readonly<Required<LPPoolOptions>>;
  private readonly pool: typeof lpPool1d;

  constructor(
    dimensions: number,
    pool: typeof lpPool1d,
    normType: number,
    kernelSize: Sizes,
    given: LPPoolOptions | undefined,
  ) {
    super();
    const where = `nn.LPPool${dimensions}d`;
    const defaults = { stride: null as Sizes | null, ceilMode: false };
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    if (Math.abs(normType) !== Number.POSITIVE_INFINITY) number(where, "normType", normType);
    spread(where, "kernelSize", kernelSize, dimensions, 1);
    if (options.stride !== null) spread(where, "stride", options.stride, dimensions, 1);
    boolean(where, "ceilMode", options.ceilMode);
    this.normType = normType;
    this.kernelSize = kernelSize;
    this.options = options;
    this.pool = pool;
  }

  override forward(input: Tensor): Tensor {
    return this.pool(input, this.normType, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    const { stride, ceilMode } = this.options;
    return fields({
      norm_type: numeral(this.normType),
      kernel_size: literal(this.kernelSize),
      stride: literal(stride),
      ceil_mode: literal(ceilMode),
    });
  }
}

/**
 * The p-norm of each window over [batch, channels, length], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
 */
export class LPPool1d extends LPPool {
  constructor(normType: number, kernelSize: number, options?: LPPoolOptions) {
    super(1, lpPool1d, normType, kernelSize, options);
  }
}

/**
 * The p-norm of each window over [batch, channels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
 */
export class LPPool2d extends LPPool {
  constructor(normType: number, kernelSize: Sizes, options?: LPPoolOptions) {
    super(2, lpPool2d, normType, kernelSize, options);
  }
}

/**
 * The p-norm of each window over [batch, channels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html
 */
export class LPPool3d extends LPPool {
  constructor(normType: number, kernelSize: Sizes, options?: LPPoolOptions) {
    super(3, lpPool3d, normType, kernelSize, options);
  }
}
