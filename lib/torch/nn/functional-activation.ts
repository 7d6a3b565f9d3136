import { boolean, mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import type { InplaceOptions } from "./activation.ts";
import { hardsigmoid, hardswish, mish, silu } from "./functional/activation.ts";
import { Module } from "./module.ts";

// LibTorch has no module for these, or none that can work in place.
abstract class InplaceActivation extends Module {
  readonly inplace: boolean;

  constructor(where: string, options: InplaceOptions | undefined) {
    super();
    const { inplace } = mergeOptions(where, { inplace: false }, options);
    this.inplace = boolean(where, "inplace", inplace);
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }
}

/** `x sigmoid(x)`. @see https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html */
export class SiLU extends InplaceActivation {
  constructor(options?: InplaceOptions) {
    super("nn.SiLU", options);
  }

  override forward(input: Tensor): Tensor {
    return silu(input, { inplace: this.inplace });
  }
}

/** `x tanh(softplus(x))`. @see https://pytorch.org/docs/stable/generated/torch.nn.Mish.html */
export class Mish extends InplaceActivation {
  constructor(options?: InplaceOptions) {
    super("nn.Mish", options);
  }

  override forward(input: Tensor): Tensor {
    return mish(input, { inplace: this.inplace });
  }
}

abstract class Hard extends InplaceActivation {
  override extraRepr(): string {
    return "";
  }
}

/** `relu6(x + 3) / 6`. @see https://pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html */
export class Hardsigmoid extends Hard {
  constructor(options?: InplaceOptions) {
    super("nn.Hardsigmoid", options);
  }

  override forward(input: Tensor): Tensor {
    return hardsigmoid(input, { inplace: this.inplace });
  }
}

/** `x relu6(x + 3) / 6`. @see https://pytorch.org/docs/stable/generated/torch.nn.Hardswish.html */
export class Hardswish extends Hard {
  constructor(options?: InplaceOptions) {
    super("nn.Hardswish", options);
  }

  override forward(input: Tensor): Tensor {
    return hardswish(input, { inplace: this.inplace });
  }
}
