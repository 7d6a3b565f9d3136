/**
 * PyTorch's tensors, modules and optimizers on LibTorch.
 * @module snorkel-torch/torch
 */
export { type AutocastOptions, autocast, isAutocastEnabled } from "./autocast.ts";
export * as autograd from "./autograd.ts";
export { enableGrad, isGradEnabled, noGrad } from "./autograd.ts";
export { type TensorData, type TensorOptions, tensor } from "./creation.ts";
export { cuda, getNumThreads, setNumThreads, version } from "./device.ts";
export type { Dtype, TensorTypedArray } from "./dtype.ts";
export { type FromFileOptions, fromFile } from "./from-file.ts";
export * from "./generated/functions.ts";
export { Slice, slice, type TensorIndex } from "./indexing.ts";
export * as jit from "./jit/index.ts";
export { memory } from "./memory.ts";
export * as nn from "./nn/index.ts";
export { loadNpy, saveNpy } from "./npy.ts";
export { loadNpz, saveNpz } from "./npz.ts";
export * as optim from "./optim/index.ts";
export { type LoadOptions, load } from "./pt-load.ts";
export { save } from "./pt-save.ts";
export { Generator, getRngState, initialSeed, manualSeed, type Seed, setRngState } from "./random.ts";
export { keep, scope } from "./scope.ts";
export {
  loadSafetensors,
  readSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type ShardOptions,
  saveSafetensors,
} from "./serialization.ts";
export { type BackwardOptions, type NestedArray, Tensor, type ToOptions } from "./tensor.ts";
export { type UniqueOptions, unique } from "./tensor-conveniences.ts";
