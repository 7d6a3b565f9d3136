import { formatFloat } from "../../format-float.ts";
import { mergeOptions, number } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { type LocalResponseNormOptions, localResponseNorm } from "./functional/normalization.ts";
import { Module } from "./module.ts";
import { size } from "./sizes.ts";

/**
 * Normalizes each channel by the channels around it: [batch, channels, ...].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly options: Readonly<Required<LocalResponseNormOptions>>;

  /** @param window - how many channels count */
  constructor(window: number, given?: LocalResponseNormOptions) {
    super();
    const where = "nn.LocalResponseNorm";
    const options = mergeOptions(where, { alpha: 1e-4, beta: 0.75, k: 1 }, given);
    for (const name of ["alpha", "beta", "k"] as const) number(where, name, options[name]);
    this.size = size(where, "size", window);
    this.options = options;
  }

  override forward(input: Tensor): Tensor {
    return localResponseNorm(input, this.size, this.options);
  }

  override extraRepr(): string {
    const { alpha, beta, k } = this.options;
    return `${this.size}, alpha=${formatFloat(alpha)}, beta=${formatFloat(beta)}, k=${formatFloat(k)}`;
  }
}
