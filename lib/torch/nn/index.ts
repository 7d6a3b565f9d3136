/**
 * PyTorch's neural network modules, `torch.nn`.
 * @see https://pytorch.org/docs/stable/nn.html
 * @module
 */
export * from "./activation.ts";
export * from "./adaptive-log-softmax.ts";
export * from "./adaptive-pooling.ts";
export * from "./attention.ts";
export * from "./conv-transpose.ts";
export * from "./convolution.ts";
export * from "./distance.ts";
export * from "./dropout.ts";
export {
  Embedding,
  type EmbeddingOptions,
} from "./embedding.ts";
export { EmbeddingBag, type EmbeddingBagOptions } from "./embedding-bag.ts";
export type { FactoryOptions } from "./factory.ts";
export * from "./fold.ts";
export * from "./fractional-max-pool.ts";
export * as functional from "./functional/index.ts";
export * from "./functional-activation.ts";
export * as init from "./init.ts";
export * from "./instance-norm.ts";
export * from "./likelihood-loss.ts";
export * from "./linear.ts";
export * from "./linear-cross-entropy.ts";
export * from "./local-response-norm.ts";
export * from "./loss.ts";
export * from "./lp-pooling.ts";
export * from "./margin-loss.ts";
export * from "./max-unpool.ts";
export { Module } from "./module.ts";
export { ModuleDict } from "./module-dict.ts";
export { ModuleList } from "./module-list.ts";
export type { ModuleTarget } from "./module-target.ts";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormOptions,
  GroupNorm,
  type GroupNormOptions,
  LayerNorm,
  type LayerNormOptions,
} from "./normalization.ts";
export * from "./padding.ts";
export { Parameter } from "./parameter.ts";
export { ParameterDict } from "./parameter-dict.ts";
export { ParameterList } from "./parameter-list.ts";
export * from "./pixel-shuffle.ts";
export * from "./pooling.ts";
export * from "./rms-norm.ts";
export * from "./rnn.ts";
export * from "./rnn-cell.ts";
export { Sequential } from "./sequential.ts";
export * from "./shape.ts";
export type { Sizes } from "./sizes.ts";
export * from "./softmax.ts";
export type { LoadResult } from "./state-dict.ts";
export * from "./transformer.ts";
export {
  type Activation,
  type DecoderMasks,
  type EncoderMasks,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer-layer.ts";
export * from "./upsampling.ts";
export * as utils from "./utils/index.ts";
