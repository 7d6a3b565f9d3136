import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, number } from "../../../options.ts";
import { minimum, pairwiseDistance } from "../../generated/functions.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import {
  type Distance,
  type MarginOptions,
  noMarginDefaults,
  type TripletMarginLossOptions,
  type TripletMarginWithDistanceLossOptions,
  tripletMarginDefaults,
  tripletMarginWithDistanceDefaults,
} from "./loss-options.ts";
import { reduce, reductionNumber } from "./reduction.ts";

const cosine = operator("nn.functional.cosineEmbeddingLoss", ["aten::cosine_embedding_loss"]);
const triplet = operator("nn.functional.tripletMarginLoss", ["aten::triplet_margin_loss"]);

/**
 * One minus the cosine of the inputs' angle where the target is 1; what the cosine is above `margin` (0) where it is -1.
 *
 * @param input1 - [batch, features] or [features]
 * @param input2 - of input1's size
 * @param target - [batch], or without dimensions
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
 */
export function cosineEmbeddingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options?: MarginOptions,
): Tensor {
  const where = "nn.functional.cosineEmbeddingLoss";
  const { margin, reduction } = mergeOptions(where, noMarginDefaults, options);
  return cosine(input1, input2, target, margin, reductionNumber(where, reduction)) as Tensor;
}

/** Checks that a triplet's margin is above 0. */
export function checkMargin(where: string, { margin }: Required<MarginOptions>): void {
  number(where, "margin", margin, { above: 0 });
}

/**
 * How much less than `margin` (1) the anchor is closer to the positive than to the negative: all [..., features].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletMarginLossOptions,
): Tensor {
  const where = "nn.functional.tripletMarginLoss";
  const read = mergeOptions(where, tripletMarginDefaults, options);
  checkMargin(where, read);
  const numbers = [read.margin, read.p, read.eps, read.swap, reductionNumber(where, read.reduction)];
  return triplet(anchor, positive, negative, ...numbers) as Tensor;
}

function measure(distance: Distance): (a: Tensor, b: Tensor) => Tensor {
  return typeof distance === "function" ? distance : (a, b) => distance.forward(a, b);
}

/** Checks what the module and the function of triplets with a distance take alike. */
export function checkTripletWithDistance(
  where: string,
  options: Required<TripletMarginWithDistanceLossOptions>,
): void {
  checkMargin(where, options);
  const { distanceFunction } = options;
  const isDistance =
    distanceFunction === null ||
    typeof distanceFunction === "function" ||
    typeof distanceFunction?.forward === "function";
  if (!isDistance)
    throw expected(where, "a function, a module or null", "distanceFunction", distanceFunction);
}

/**
 * The triplet loss with a distance of one's own, by default the Euclidean one.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_with_distance_loss.html
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletMarginWithDistanceLossOptions,
): Tensor {
  const where = "nn.functional.tripletMarginWithDistanceLoss";
  const read = mergeOptions(where, tripletMarginWithDistanceDefaults, options);
  checkTripletWithDistance(where, read);
  for (const [name, tensor] of Object.entries({ positive, negative })) {
    if (tensor.shape.length !== anchor.shape.length)
      throw expected(where, `${anchor.shape.length} dimensions, as anchor has`, name, tensor.shape);
  }
  const distance = measure(read.distanceFunction ?? pairwiseDistance);
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  const swapped = boolean(where, "swap", read.swap) ? minimum(far, distance(positive, negative)) : far;
  return reduce(where, near.add(read.margin).sub(swapped).clampMin(0), read.reduction);
}
