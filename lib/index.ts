/**
 * Multi-task training for Node.js: Snorkel's API on LibTorch.
 * @module
 */
export * from "./data/index.ts";
export * from "./logging/index.ts";
export * from "./model/index.ts";
export * from "./scoring/index.ts";
export * from "./slicing/index.ts";
export * as torch from "./torch/index.ts";
export * from "./training/index.ts";
