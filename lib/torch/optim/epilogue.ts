import type { GradientSums } from "./gradient-sums.ts";

/** What is done with the gradients of a step. */
export interface EpilogueOptions {
  /** The learning rate of this step; with several parameter groups, one for each. Default: the groups' own. */
  rate?: number | readonly number[];
  /** The largest norm of all gradients as one vector; they are scaled down to it. Default: 0, no clipping. */
  gradClip?: number;
  /** Whether to look for infinite and NaN losses and gradients. Default: true. */
  checkFinite?: boolean;
  /** What the gradients are added to, instead of updating the parameters by them alone. Default: null. */
  sums?: GradientSums | null;
  /** With `sums`: whether the parameters are updated by them, which then start anew. Default: true. */
  isUpdate?: boolean;
}

/** What the epilogue of a step found. */
export interface EpilogueResult {
  /** The values of the losses, in their order. */
  losses: Float64Array;
  /** The norm of all gradients before clipping; null if neither clipping nor checking asked for it. */
  totalNorm: number | null;
  /** The place of the first loss that is not finite, or null. */
  badLoss: number | null;
  /** The place, among the optimizer's parameters, of the first whose gradient is not finite, or null. */
  badGradient: number | null;
}
