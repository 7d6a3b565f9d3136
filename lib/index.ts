/**
 * Multi-task training for Node.js: Snorkel's API on LibTorch.
 * @module snorkel-torch
 */
export * from "./data/index.ts";
export * from "./logging/index.ts";
export * from "./model/index.ts";
export type { Partially } from "./options.ts";
export * from "./scoring/index.ts";
export * from "./slicing/index.ts";
export type { Program } from "./torch/engine/index.ts";
export * as torch from "./torch/index.ts";
export * from "./training/index.ts";
