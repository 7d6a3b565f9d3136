import { mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { maxUnpool1d, maxUnpool2d, maxUnpool3d } from "./functional/max-unpool.ts";
import { Module } from "./module.ts";
import { fields, literal } from "./representation.ts";
import { type Sizes, spread } from "./sizes.ts";

/** Options of the max unpoolings. */
export interface MaxUnpoolOptions {
  /** How far the window moved; the kernel's size by default. */
  stride?: Sizes | null;
  /** How much had been added on both sides; 0 by default. */
  padding?: Sizes;
}

abstract class MaxUnpool extends Module {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  private readonly unpool: typeof maxUnpool1d;

  constructor(
    dimensions: number,
    unpool: typeof maxUnpool1d,
    kernelSize: Sizes,
    given: MaxUnpoolOptions | undefined,
  ) {
    super();
    const where = `nn.MaxUnpool${dimensions}d`;
    const defaults = { stride: null as Sizes | null, padding: 0 as Sizes };
    const { stride, padding } = mergeOptions<typeof defaults>(where, defaults, given);
    this.kernelSize = spread(where, "kernelSize", kernelSize, dimensions, 1);
    this.stride = spread(where, "stride", stride ?? kernelSize, dimensions, 1);
    this.padding = spread(where, "padding", padding, dimensions, 0);
    this.unpool = unpool;
  }

  /**
   * @param indices - what pooling gave with `returnIndices`
   * @param outputSize - the size before pooling, where several fit
   */
  override forward(input: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { kernelSize, stride, padding } = this;
    return this.unpool(input, indices, kernelSize, { stride, padding, outputSize });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return fields({
      kernel_size: literal(kernelSize),
      stride: literal(stride),
      padding: literal(padding),
    });
  }
}

/**
 * Puts maxima back to where MaxPool1d found them, among zeros.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
 */
export class MaxUnpool1d extends MaxUnpool {
  constructor(kernelSize: Sizes, options?: MaxUnpoolOptions) {
    super(1, maxUnpool1d, kernelSize, options);
  }
}

/**
 * Puts maxima back to where MaxPool2d found them, among zeros.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 */
export class MaxUnpool2d extends MaxUnpool {
  constructor(kernelSize: Sizes, options?: MaxUnpoolOptions) {
    super(2, maxUnpool2d, kernelSize, options);
  }
}

/**
 * Puts maxima back to where MaxPool3d found them, among zeros.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html
 */
export class MaxUnpool3d extends MaxUnpool {
  constructor(kernelSize: Sizes, options?: MaxUnpoolOptions) {
    super(3, maxUnpool3d, kernelSize, options);
  }
}
