import { boolean, mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from "./functional/adaptive-pooling.ts";
import type { Pooled } from "./functional/pooling.ts";
import { Module } from "./module.ts";
import { fields, literal } from "./representation.ts";
import { spread, spreadOrNull } from "./sizes.ts";

/** A size for every dimension, or one for each, where null keeps the input's. */
export type OutputSize = number | readonly (number | null)[];

function checkOutput(where: string, dimensions: number, outputSize: OutputSize): OutputSize {
  const check = dimensions === 1 ? spread : spreadOrNull;
  check(where, "outputSize", outputSize, dimensions, 0);
  return outputSize;
}

abstract class AdaptiveAvgPool extends Module {
  readonly outputSize: OutputSize;
  private readonly pool: typeof adaptiveAvgPool1d;

  constructor(dimensions: number, pool: typeof adaptiveAvgPool1d, outputSize: OutputSize) {
    super();
    this.outputSize = checkOutput(`nn.AdaptiveAvgPool${dimensions}d`, dimensions, outputSize);
    this.pool = pool;
  }

  override forward(input: Tensor): Tensor {
    return this.pool(input, this.outputSize);
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
    super(1, adaptiveAvgPool1d, outputSize);
  }
}

/**
 * Means over windows chosen so that the output is of the given height and width.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSize) {
    super(2, adaptiveAvgPool2d, outputSize);
  }
}

/**
 * Means over windows chosen so that the output is of the given depth, height and width.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
 */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSize) {
    super(3, adaptiveAvgPool3d, outputSize);
  }
}

/** Options of the adaptive max poolings. */
export interface AdaptiveMaxPoolOptions {
  /** Whether to give `[output, indices]`, with the positions of the maxima for MaxUnpool; false by default. */
  returnIndices?: boolean;
}

abstract class AdaptiveMaxPool<Indices extends boolean> extends Module {
  readonly outputSize: OutputSize;
  readonly returnIndices: boolean;
  private readonly pool: typeof adaptiveMaxPool1d;

  constructor(
    dimensions: number,
    pool: typeof adaptiveMaxPool1d,
    outputSize: OutputSize,
    options: AdaptiveMaxPoolOptions | undefined,
  ) {
    super();
    const where = `nn.AdaptiveMaxPool${dimensions}d`;
    const { returnIndices } = mergeOptions(where, { returnIndices: false }, options);
    this.outputSize = checkOutput(where, dimensions, outputSize);
    this.returnIndices = boolean(where, "returnIndices", returnIndices);
    this.pool = pool;
  }

  override forward(input: Tensor): Pooled<Indices> {
    return this.pool(input, this.outputSize, { returnIndices: this.returnIndices }) as Pooled<Indices>;
  }

  override extraRepr(): string {
    return fields({ output_size: literal(this.outputSize) });
  }
}

/**
 * Maxima over windows chosen so that the output is of the given length.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
 */
export class AdaptiveMaxPool1d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  constructor(
    outputSize: number | readonly number[],
    options?: AdaptiveMaxPoolOptions & { returnIndices?: Indices },
  ) {
    super(1, adaptiveMaxPool1d, outputSize, options);
  }
}

/**
 * Maxima over windows chosen so that the output is of the given height and width.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 */
export class AdaptiveMaxPool2d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  constructor(outputSize: OutputSize, options?: AdaptiveMaxPoolOptions & { returnIndices?: Indices }) {
    super(2, adaptiveMaxPool2d, outputSize, options);
  }
}

/**
 * Maxima over windows chosen so that the output is of the given depth, height and width.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
 */
export class AdaptiveMaxPool3d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  constructor(outputSize: OutputSize, options?: AdaptiveMaxPoolOptions & { returnIndices?: Indices }) {
    super(3, adaptiveMaxPool3d, outputSize, options);
  }
}
