import { expected } from "../../errors.ts";
import { number } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { type PadMode, pad } from "./functional/padding.ts";
import { Module } from "./module.ts";
import { fields, literal, numeral } from "./representation.ts";

/** One number for all sides, or one for each: before and after the last dimension, then before and after the one before. */
export type Padding = number | readonly number[];

abstract class Pad extends Module {
  readonly padding: readonly number[];
  private readonly dimensions: number;
  private readonly mode: PadMode;

  constructor(kind: string, dimensions: number, mode: PadMode, padding: Padding) {
    super();
    const where = `nn.${kind}Pad${dimensions}d`;
    const sides = 2 * dimensions;
    const given = Array.isArray(padding) ? padding : Array(sides).fill(padding);
    if (given.length !== sides)
      throw expected(where, `an integer or an array of ${sides} integers`, "padding", padding);
    this.padding = given.map((side, i) => number(where, `padding[${i}]`, side, { integer: true }));
    this.dimensions = dimensions;
    this.mode = mode;
  }

  override forward(input: Tensor): Tensor {
    const rank = input.shape.length;
    if (this.mode === "circular" && rank !== this.dimensions + 1 && rank !== this.dimensions + 2) {
      const what = `${this.dimensions + 1} or ${this.dimensions + 2} dimensions`;
      throw expected(`nn.CircularPad${this.dimensions}d`, what, "input", input.shape);
    }
    return pad(input, this.padding, { mode: this.mode });
  }

  override extraRepr(): string {
    return literal(this.padding);
  }
}

abstract class ConstantPad extends Pad {
  readonly value: number;

  constructor(dimensions: number, padding: Padding, value: number) {
    super("Constant", dimensions, "constant", padding);
    this.value = value;
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { value: this.value });
  }

  override extraRepr(): string {
    return fields({ padding: literal(this.padding), value: numeral(this.value) });
  }
}

/** Adds a constant to [batch, channels, length]. @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html */
export class ConstantPad1d extends ConstantPad {
  constructor(padding: Padding, value: number) {
    super(1, padding, number("nn.ConstantPad1d", "value", value));
  }
}

/** Adds a constant to [batch, channels, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html */
export class ConstantPad2d extends ConstantPad {
  constructor(padding: Padding, value: number) {
    super(2, padding, number("nn.ConstantPad2d", "value", value));
  }
}

/** Adds a constant to [batch, channels, depth, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html */
export class ConstantPad3d extends ConstantPad {
  constructor(padding: Padding, value: number) {
    super(3, padding, number("nn.ConstantPad3d", "value", value));
  }
}

/** Adds zeros to [batch, channels, length]. @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html */
export class ZeroPad1d extends Pad {
  constructor(padding: Padding) {
    super("Zero", 1, "constant", padding);
  }
}

/** Adds zeros to [batch, channels, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html */
export class ZeroPad2d extends Pad {
  constructor(padding: Padding) {
    super("Zero", 2, "constant", padding);
  }
}

/** Adds zeros to [batch, channels, depth, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html */
export class ZeroPad3d extends Pad {
  constructor(padding: Padding) {
    super("Zero", 3, "constant", padding);
  }
}

/** Adds the mirror image of the input, without its edge to [batch, channels, length]. @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html */
export class ReflectionPad1d extends Pad {
  constructor(padding: Padding) {
    super("Reflection", 1, "reflect", padding);
  }
}

/** Adds the mirror image of the input, without its edge to [batch, channels, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html */
export class ReflectionPad2d extends Pad {
  constructor(padding: Padding) {
    super("Reflection", 2, "reflect", padding);
  }
}

/** Adds the mirror image of the input, without its edge to [batch, channels, depth, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html */
export class ReflectionPad3d extends Pad {
  constructor(padding: Padding) {
    super("Reflection", 3, "reflect", padding);
  }
}

/** Adds the input's edge to [batch, channels, length]. @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html */
export class ReplicationPad1d extends Pad {
  constructor(padding: Padding) {
    super("Replication", 1, "replicate", padding);
  }
}

/** Adds the input's edge to [batch, channels, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html */
export class ReplicationPad2d extends Pad {
  constructor(padding: Padding) {
    super("Replication", 2, "replicate", padding);
  }
}

/** Adds the input's edge to [batch, channels, depth, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html */
export class ReplicationPad3d extends Pad {
  constructor(padding: Padding) {
    super("Replication", 3, "replicate", padding);
  }
}

/** Adds the input's other end to [batch, channels, length]. @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html */
export class CircularPad1d extends Pad {
  constructor(padding: Padding) {
    super("Circular", 1, "circular", padding);
  }
}

/** Adds the input's other end to [batch, channels, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html */
export class CircularPad2d extends Pad {
  constructor(padding: Padding) {
    super("Circular", 2, "circular", padding);
  }
}

/** Adds the input's other end to [batch, channels, depth, height, width]. @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html */
export class CircularPad3d extends Pad {
  constructor(padding: Padding) {
    super("Circular", 3, "circular", padding);
  }
}
