import { expected } from "../../errors.ts";
import { mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { softmax } from "./functional/activation.ts";
import { Module } from "./module.ts";
import { UnaryModule } from "./native-module.ts";
import { dimension } from "./sizes.ts";

abstract class AlongDimension extends UnaryModule {
  readonly dim: number;

  constructor(kind: string, dim: number) {
    super(kind, { dim: dimension(`nn.${kind}`, "dim", dim) });
    this.dim = dim;
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** Probabilities along a dimension. @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html */
export class Softmax extends AlongDimension {
  constructor(options: { dim: number }) {
    super("Softmax", options?.dim);
  }
}

/** The logarithm of softmax. @see https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html */
export class LogSoftmax extends AlongDimension {
  constructor(options: { dim: number }) {
    super("LogSoftmax", options?.dim);
  }
}

/** Softmax of `-x`. @see https://pytorch.org/docs/stable/generated/torch.nn.Softmin.html */
export class Softmin extends AlongDimension {
  constructor(options: { dim: number }) {
    super("Softmin", options?.dim);
  }
}

/**
 * The first half times the sigmoid of the second, along `dim` (-1).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GLU.html
 */
export class GLU extends AlongDimension {
  constructor(options?: { dim?: number }) {
    super("GLU", mergeOptions("nn.GLU", { dim: -1 }, options).dim);
  }
}

/**
 * Softmax over the channels: [batch, channels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
 */
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    const rank = input.shape.length;
    if (rank !== 3 && rank !== 4) throw expected("nn.Softmax2d", "3 or 4 dimensions", "input", input.shape);
    return softmax(input, { dim: -3 });
  }
}
