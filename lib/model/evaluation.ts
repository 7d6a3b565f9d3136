import type { nn } from "../torch/index.ts";

/**
 * Runs a function with all modules in evaluation mode, and leaves each in the mode in which it found it, so that a module
 * that its user froze stays so.
 */
export async function inEvaluation<T>(model: nn.Module, run: () => Promise<T>): Promise<T> {
  const training = model.modules().filter((module) => module.training);
  model.eval();
  try {
    return await run();
  } finally {
    for (const module of training) module.training = true;
  }
}
