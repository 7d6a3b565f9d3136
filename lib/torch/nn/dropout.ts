import { formatFloat } from "../../format-float.ts";
import { boolean, mergeOptions, number } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { dropout1d, dropout2d, dropout3d } from "./functional/dropout.ts";
import { Module } from "./module.ts";
import { UnaryModule } from "./native-module.ts";
import { fields, literal } from "./representation.ts";

/** Options of the dropout modules. */
export interface DropoutOptions {
  /** Whether it overwrites its input; false by default. */
  inplace?: boolean;
}

function readOptions(where: string, p: number, options: DropoutOptions | undefined) {
  const { inplace } = mergeOptions(where, { inplace: false }, options);
  return { p: number(where, "p", p, { min: 0, max: 1 }), inplace: boolean(where, "inplace", inplace) };
}

function print({ p, inplace }: { p: number; inplace: boolean }): string {
  return fields({ p: formatFloat(p), inplace: literal(inplace) });
}

abstract class NativeDropout extends UnaryModule {
  readonly p: number;
  readonly inplace: boolean;

  constructor(kind: string, p: number, options: DropoutOptions | undefined) {
    const read = readOptions(`nn.${kind}`, p, options);
    super(kind, read);
    this.p = read.p;
    this.inplace = read.inplace;
  }

  override extraRepr(): string {
    return print(this);
  }
}

/**
 * In training, makes each element zero with probability `p` and scales the others by 1 / (1 - p).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 */
export class Dropout extends NativeDropout {
  /** @param p - 0.5 by default */
  constructor(p = 0.5, options?: DropoutOptions) {
    super("Dropout", p, options);
  }
}

/**
 * Dropout that keeps mean and variance, for SELU networks.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
 */
export class AlphaDropout extends NativeDropout {
  constructor(p = 0.5, options?: DropoutOptions) {
    super("AlphaDropout", p, options);
  }
}

/**
 * AlphaDropout of whole channels.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html
 */
export class FeatureAlphaDropout extends NativeDropout {
  constructor(p = 0.5, options?: DropoutOptions) {
    super("FeatureAlphaDropout", p, options);
  }
}

// LibTorch's own drop the first dimension of unbatched inputs where PyTorch's drop the second: these follow PyTorch's.
abstract class ChannelDropout extends Module {
  readonly p: number;
  readonly inplace: boolean;

  constructor(where: string, p: number, options: DropoutOptions | undefined) {
    super();
    const read = readOptions(where, p, options);
    this.p = read.p;
    this.inplace = read.inplace;
  }

  override extraRepr(): string {
    return print(this);
  }
}

/**
 * In training, makes whole channels zero: [batch, channels, length] or [channels, length].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html
 */
export class Dropout1d extends ChannelDropout {
  constructor(p = 0.5, options?: DropoutOptions) {
    super("nn.Dropout1d", p, options);
  }

  override forward(input: Tensor): Tensor {
    return dropout1d(input, { p: this.p, training: this.training, inplace: this.inplace });
  }
}

/**
 * In training, makes whole channels zero: [batch, channels, height, width].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
 */
export class Dropout2d extends ChannelDropout {
  constructor(p = 0.5, options?: DropoutOptions) {
    super("nn.Dropout2d", p, options);
  }

  override forward(input: Tensor): Tensor {
    return dropout2d(input, { p: this.p, training: this.training, inplace: this.inplace });
  }
}

/**
 * In training, makes whole channels zero: [batch, channels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html
 */
export class Dropout3d extends ChannelDropout {
  constructor(p = 0.5, options?: DropoutOptions) {
    super("nn.Dropout3d", p, options);
  }

  override forward(input: Tensor): Tensor {
    return dropout3d(input, { p: this.p, training: this.training, inplace: this.inplace });
  }
}
