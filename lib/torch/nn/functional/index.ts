/**
 * PyTorch's modules as plain functions of tensors, `torch.nn.functional`.
 * @see https://pytorch.org/docs/stable/nn.functional.html
 * @module
 */
export * from "./activation.ts";
export * from "./adaptive-pooling.ts";
export * from "./attention.ts";
export * from "./convolution.ts";
export * from "./distance.ts";
export {
  cosineEmbeddingLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "./distance-loss.ts";
export * from "./dropout.ts";
export * from "./embedding.ts";
export { focalLoss, sigmoidFocalLoss } from "./focal-loss.ts";
export * from "./fold.ts";
export * from "./fractional-max-pool.ts";
export * from "./grid.ts";
export * from "./gumbel-softmax.ts";
export * from "./inplace-activation.ts";
export * from "./likelihood-loss.ts";
export * from "./linear.ts";
export * from "./loss.ts";
export type * from "./loss-options.ts";
export {
  hingeEmbeddingLoss,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "./margin-loss.ts";
export * from "./max-unpool.ts";
export * from "./normalization.ts";
export * from "./one-hot.ts";
export * from "./padding.ts";
export * from "./pixel-shuffle.ts";
export * from "./pooling.ts";
export * from "./upsampling.ts";
