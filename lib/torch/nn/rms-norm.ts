import { formatFloat } from "../../format-float.ts";
import { boolean, mergeOptions, number } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { emptyParameter, type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import { rmsNorm } from "./functional/normalization.ts";
import { ones_ } from "./init.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { fields, literal } from "./representation.ts";
import { shapeOf } from "./sizes.ts";

export interface RMSNormOptions extends FactoryOptions {
  /** Added to the mean square; null, for the least step of the dtype above 1, by default. */
  eps?: number | null;
  /** Whether it has a learned `weight`; true by default. */
  elementwiseAffine?: boolean;
}

/**
 * Divides each row by the root of its mean square over the last dimensions, which are of the normalized shape.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
 */
export class RMSNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;
  /** Of the normalized shape. */
  weight: Parameter | null;

  constructor(normalizedShape: number | readonly number[], given?: RMSNormOptions) {
    super();
    const where = "nn.RMSNorm";
    const defaults = { ...factoryDefaults, eps: null as number | null, elementwiseAffine: true };
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    this.eps = options.eps === null ? null : number(where, "eps", options.eps, { min: 0 });
    this.elementwiseAffine = boolean(where, "elementwiseAffine", options.elementwiseAffine);
    this.normalizedShape = shapeOf(where, "normalizedShape", normalizedShape);
    this.weight = null;
    if (!this.elementwiseAffine) return;
    this.weight = emptyParameter(this.normalizedShape, readFactory(where, options));
    ones_(this.weight);
  }

  override forward(input: Tensor): Tensor {
    return rmsNorm(input, this.normalizedShape, { weight: this.weight, eps: this.eps });
  }

  override extraRepr(): string {
    return `${literal(this.normalizedShape)}, ${fields({
      eps: this.eps === null ? "None" : formatFloat(this.eps),
      elementwise_affine: literal(this.elementwiseAffine),
    })}`;
  }
}
