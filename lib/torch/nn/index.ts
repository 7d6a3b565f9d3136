/**
 * PyTorch's neural network modules, `torch.nn`.
 * @see https://pytorch.org/docs/stable/nn.html
 * @module
 */
export * from "./activation.ts";
export * from "./convolution.ts";
export * from "./dropout.ts";
export * from "./embedding.ts";
export * as functional from "./functional/index.ts";
export * from "./functional-activation.ts";
export * as init from "./init.ts";
export * from "./linear.ts";
export * from "./loss.ts";
export { Module } from "./module.ts";
export { ModuleDict } from "./module-dict.ts";
export { ModuleList } from "./module-list.ts";
export type { ModuleTarget } from "./module-target.ts";
export * from "./normalization.ts";
export { Parameter } from "./parameter.ts";
export * from "./pooling.ts";
export { Sequential } from "./sequential.ts";
export * from "./shape.ts";
export * from "./softmax.ts";
export type { LoadResult } from "./state-dict.ts";
