/**
 * PyTorch's modules as plain functions of tensors, `torch.nn.functional`.
 * @see https://pytorch.org/docs/stable/nn.functional.html
 * @module
 */
export * from "./activation.ts";
export * from "./convolution.ts";
export * from "./dropout.ts";
export * from "./embedding.ts";
export * from "./linear.ts";
export * from "./loss.ts";
export * from "./normalization.ts";
export * from "./pooling.ts";
