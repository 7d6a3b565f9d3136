import { reasonOf } from "../../libtorch/index.ts";
import { builtLibrary, native } from "../native.ts";

let isOpened = false;

/**
 * Opens the library that makes CUDA graphs of steps, once. It is there where the native code was built against a LibTorch
 * for CUDA; without it each kernel of a step is launched by itself.
 */
export function openCudaGraphs(): void {
  if (isOpened) return;
  isOpened = true;
  try {
    native.openCudaLibrary(builtLibrary("snorkel_torch_cuda"));
  } catch (error) {
    process.emitWarning(`[TrainingThread] steps run without CUDA graphs: ${reasonOf(error)}`);
  }
}
