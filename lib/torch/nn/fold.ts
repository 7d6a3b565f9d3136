import { mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { fold, unfold } from "./functional/fold.ts";
import { Module } from "./module.ts";
import { fields, literal } from "./representation.ts";
import { type Sizes, spread } from "./sizes.ts";

/** Options of {@link Fold} and {@link Unfold}. */
export interface FoldOptions {
  /** How far apart the points of a block are; 1 by default. */
  dilation?: Sizes;
  /** How many zeros are around the image; 0 by default. */
  padding?: Sizes;
  /** How far apart the blocks are; 1 by default. */
  stride?: Sizes;
}

const defaults = { dilation: 1 as Sizes, padding: 0 as Sizes, stride: 1 as Sizes };

function readOptions(where: string, kernelSize: Sizes, given: FoldOptions | undefined): typeof defaults {
  const options = mergeOptions<typeof defaults>(where, defaults, given);
  spread(where, "kernelSize", kernelSize, 2, 1);
  spread(where, "dilation", options.dilation, 2, 1);
  spread(where, "padding", options.padding, 2, 0);
  spread(where, "stride", options.stride, 2, 1);
  return options;
}

function print(kernelSize: Sizes, { dilation, padding, stride }: typeof defaults): Record<string, string> {
  return {
    kernel_size: literal(kernelSize),
    dilation: literal(dilation),
    padding: literal(padding),
    stride: literal(stride),
  };
}

/**
 * Sums blocks into an image: [batch, channels * kernel, blocks] to [batch, channels, ...outputSize].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Fold.html
 */
export class Fold extends Module {
  readonly outputSize: Sizes;
  readonly kernelSize: Sizes;
  readonly options: Readonly<typeof defaults>;

  constructor(outputSize: Sizes, kernelSize: Sizes, options?: FoldOptions) {
    super();
    spread("nn.Fold", "outputSize", outputSize, 2, 1);
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.options = readOptions("nn.Fold", kernelSize, options);
  }

  override forward(input: Tensor): Tensor {
    return fold(input, this.outputSize, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    return fields({ output_size: literal(this.outputSize), ...print(this.kernelSize, this.options) });
  }
}

/**
 * Lays the blocks of an image side by side: [batch, channels, height, width] to [batch, channels * kernel, blocks].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html
 */
export class Unfold extends Module {
  readonly kernelSize: Sizes;
  readonly options: Readonly<typeof defaults>;

  constructor(kernelSize: Sizes, options?: FoldOptions) {
    super();
    this.kernelSize = kernelSize;
    this.options = readOptions("nn.Unfold", kernelSize, options);
  }

  override forward(input: Tensor): Tensor {
    return unfold(input, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    return fields(print(this.kernelSize, this.options));
  }
}
