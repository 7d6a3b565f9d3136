import { expected } from "../../errors.ts";
import { boolean, mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { fractionalMaxPool2d, fractionalMaxPool3d } from "./functional/fractional-max-pool.ts";
import type { Pooled } from "./functional/pooling.ts";
import { Module } from "./module.ts";
import { ratios, type Sizes, spread } from "./sizes.ts";

/** Options of the fractional max poolings. */
export interface FractionalMaxPoolOptions {
  /** The size of the output; this or `outputRatio` must be given. */
  outputSize?: Sizes | null;
  /** The size of the output as a part of the input's, between 0 and 1. */
  outputRatio?: number | readonly number[] | null;
  /** Whether to give `[output, indices]`, with the positions of the maxima for MaxUnpool; false by default. */
  returnIndices?: boolean;
}

abstract class FractionalMaxPool<Indices extends boolean> extends Module {
  readonly kernelSize: readonly number[];
  readonly options: Readonly<Required<FractionalMaxPoolOptions>>;
  private readonly pool: typeof fractionalMaxPool2d;

  constructor(
    dimensions: number,
    pool: typeof fractionalMaxPool2d,
    kernelSize: Sizes,
    given: FractionalMaxPoolOptions,
  ) {
    super();
    const where = `nn.FractionalMaxPool${dimensions}d`;
    const defaults = {
      outputSize: null as Sizes | null,
      outputRatio: null as number | readonly number[] | null,
      returnIndices: false,
    };
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    const { outputSize, outputRatio } = options;
    if ((outputSize === null) === (outputRatio === null))
      throw expected(where, "either outputSize or outputRatio", "options", given);
    if (outputSize !== null) spread(where, "outputSize", outputSize, dimensions, 1);
    else ratios(where, "outputRatio", outputRatio, dimensions, { above: 0, below: 1 });
    boolean(where, "returnIndices", options.returnIndices);
    this.kernelSize = spread(where, "kernelSize", kernelSize, dimensions, 1);
    this.options = options;
    this.pool = pool;
  }

  override forward(input: Tensor): Pooled<Indices> {
    return this.pool(input, this.kernelSize, this.options) as Pooled<Indices>;
  }
}

/**
 * Maxima over windows drawn so that the output is of the given size: [batch, channels, height, width], or without the
 * batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html
 */
export class FractionalMaxPool2d<Indices extends boolean = false> extends FractionalMaxPool<Indices> {
  constructor(kernelSize: Sizes, options: FractionalMaxPoolOptions & { returnIndices?: Indices }) {
    super(2, fractionalMaxPool2d, kernelSize, options);
  }
}

/**
 * As {@link FractionalMaxPool2d}, of [batch, channels, depth, height, width].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 */
export class FractionalMaxPool3d<Indices extends boolean = false> extends FractionalMaxPool<Indices> {
  constructor(kernelSize: Sizes, options: FractionalMaxPoolOptions & { returnIndices?: Indices }) {
    super(3, fractionalMaxPool3d, kernelSize, options);
  }
}
