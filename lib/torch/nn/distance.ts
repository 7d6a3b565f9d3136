import { boolean, mergeOptions, number } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { cosineSimilarity, pairwiseDistance } from "./functional/distance.ts";
import { Module } from "./module.ts";
import { dimension } from "./sizes.ts";

/**
 * The cosine of the angle between vectors along a dimension.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 */
export class CosineSimilarity extends Module {
  readonly dim: number;
  readonly eps: number;

  /**
   * @param options.dim - 1 by default
   * @param options.eps - the least product of the norms; 1e-8 by default
   */
  constructor(options?: { dim?: number; eps?: number }) {
    super();
    const { dim, eps } = mergeOptions("nn.CosineSimilarity", { dim: 1, eps: 1e-8 }, options);
    this.dim = dimension("nn.CosineSimilarity", "dim", dim);
    this.eps = number("nn.CosineSimilarity", "eps", eps);
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, { dim: this.dim, eps: this.eps });
  }
}

/**
 * The p-norm of the difference of vectors along the last dimension.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
 */
export class PairwiseDistance extends Module {
  readonly p: number;
  readonly eps: number;
  readonly keepdim: boolean;

  /**
   * @param options.p - 2 by default
   * @param options.eps - added to the difference; 1e-6 by default
   * @param options.keepdim - whether the last dimension stays, with size 1; false by default
   */
  constructor(options?: { p?: number; eps?: number; keepdim?: boolean }) {
    super();
    const where = "nn.PairwiseDistance";
    const { p, eps, keepdim } = mergeOptions(where, { p: 2, eps: 1e-6, keepdim: false }, options);
    this.p = Math.abs(p) === Number.POSITIVE_INFINITY ? p : number(where, "p", p);
    this.eps = number(where, "eps", eps);
    this.keepdim = boolean(where, "keepdim", keepdim);
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, { p: this.p, eps: this.eps, keepdim: this.keepdim });
  }
}
