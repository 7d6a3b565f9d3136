import type { Tensor } from "../tensor.ts";
import { PairwiseDistance } from "./distance.ts";
import {
  checkMargin,
  checkTripletWithDistance,
  cosineEmbeddingLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "./functional/distance-loss.ts";
import {
  type BinaryCrossEntropyOptions,
  binaryCrossEntropyDefaults,
  type MarginOptions,
  type MultiMarginLossOptions,
  marginDefaults,
  multiMarginDefaults,
  noMarginDefaults,
  type ReductionOptions,
  reductionDefaults,
  type TripletMarginLossOptions,
  type TripletMarginWithDistanceLossOptions,
  tripletMarginDefaults,
  tripletMarginWithDistanceDefaults,
} from "./functional/loss-options.ts";
import {
  checkMultiMargin,
  hingeEmbeddingLoss,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "./functional/margin-loss.ts";
import { Loss } from "./loss-module.ts";
import { Module } from "./module.ts";

/** @inline */
type Pair = [input1: Tensor, input2: Tensor, target: Tensor];
/** @inline */
type Triplet = [anchor: Tensor, positive: Tensor, negative: Tensor];

/**
 * See `functional.marginRankingLoss`; its margin is 0 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
 */
export class MarginRankingLoss extends Loss<MarginOptions, Pair> {
  constructor(options?: MarginOptions) {
    super("nn.MarginRankingLoss", marginRankingLoss, noMarginDefaults, options);
  }
}

/**
 * See `functional.hingeEmbeddingLoss`; its margin is 1 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
 */
export class HingeEmbeddingLoss extends Loss<MarginOptions> {
  constructor(options?: MarginOptions) {
    super("nn.HingeEmbeddingLoss", hingeEmbeddingLoss, marginDefaults, options);
  }
}

/** See `functional.softMarginLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html */
export class SoftMarginLoss extends Loss<ReductionOptions> {
  constructor(options?: ReductionOptions) {
    super("nn.SoftMarginLoss", softMarginLoss, reductionDefaults, options);
  }
}

/**
 * See `functional.multiMarginLoss`; its margin is 1 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
 */
export class MultiMarginLoss extends Loss<MultiMarginLossOptions> {
  constructor(options?: MultiMarginLossOptions) {
    super("nn.MultiMarginLoss", multiMarginLoss, multiMarginDefaults, options);
    checkMultiMargin("nn.MultiMarginLoss", this.options);
  }
}

/**
 * See `functional.multilabelMarginLoss`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
 */
export class MultiLabelMarginLoss extends Loss<ReductionOptions> {
  constructor(options?: ReductionOptions) {
    super("nn.MultiLabelMarginLoss", multilabelMarginLoss, reductionDefaults, options);
  }
}

/**
 * See `functional.multilabelSoftMarginLoss`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
 */
export class MultiLabelSoftMarginLoss extends Loss<BinaryCrossEntropyOptions> {
  constructor(options?: BinaryCrossEntropyOptions) {
    super("nn.MultiLabelSoftMarginLoss", multilabelSoftMarginLoss, binaryCrossEntropyDefaults, options);
  }
}

/**
 * See `functional.cosineEmbeddingLoss`; its margin is 0 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
 */
export class CosineEmbeddingLoss extends Loss<MarginOptions, Pair> {
  constructor(options?: MarginOptions) {
    super("nn.CosineEmbeddingLoss", cosineEmbeddingLoss, noMarginDefaults, options);
  }
}

/**
 * See `functional.tripletMarginLoss`; its margin is 1 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
 */
export class TripletMarginLoss extends Loss<TripletMarginLossOptions, Triplet> {
  constructor(options?: TripletMarginLossOptions) {
    super("nn.TripletMarginLoss", tripletMarginLoss, tripletMarginDefaults, options);
    checkMargin("nn.TripletMarginLoss", this.options);
  }
}

/**
 * See `functional.tripletMarginWithDistanceLoss`; its margin is 1 by default. A distance that is a module is a part of it.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
 */
export class TripletMarginWithDistanceLoss extends Loss<TripletMarginWithDistanceLossOptions, Triplet> {
  constructor(options?: TripletMarginWithDistanceLossOptions) {
    const where = "nn.TripletMarginWithDistanceLoss";
    const defaults = { ...tripletMarginWithDistanceDefaults, distanceFunction: new PairwiseDistance() };
    super(where, tripletMarginWithDistanceLoss, defaults, options);
    checkTripletWithDistance(where, this.options);
    const { distanceFunction } = this.options;
    if (distanceFunction instanceof Module) this.registerModule("distance_function", distanceFunction);
  }
}
