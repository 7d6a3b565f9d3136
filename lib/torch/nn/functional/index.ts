/**
 * PyTorch's modules as plain functions of tensors, `torch.nn.functional`.
 * @see https://pytorch.org/docs/stable/nn.functional.html
 * @module
 */
export * from "./activation.ts";
export * from "./adaptive-pooling.ts";
export * from "./convolution.ts";
export * from "./distance.ts";
export * from "./dropout.ts";
export * from "./embedding.ts";
export * from "./fold.ts";
export * from "./fractional-max-pool.ts";
export * from "./linear.ts";
export * from "./loss.ts";
export * from "./max-unpool.ts";
export * from "./normalization.ts";
export * from "./padding.ts";
export * from "./pixel-shuffle.ts";
export * from "./pooling.ts";
export * from "./upsampling.ts";
