/**
 * Gradients, and whether they are recorded.
 * @module
 */
import { mergeOptions } from "../options.ts";
import { native } from "./native.ts";
import { runSynchronously } from "./synchronous.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Runs a function without recording operations for gradients, as `with torch.no_grad():` does.
 * @throws TypeError if the function returns a promise: the switch covers synchronous work only.
 */
export function noGrad<T>(run: () => T): T {
  return withGrad(false, "torch.noGrad", run);
}

/** Runs a function with recording on, inside a {@link noGrad}. */
export function enableGrad<T>(run: () => T): T {
  return withGrad(true, "torch.enableGrad", run);
}

function withGrad<T>(enabled: boolean, where: string, run: () => T): T {
  const before = native.isGradEnabled();
  native.setGradEnabled(enabled);
  try {
    return runSynchronously(where, run);
  } finally {
    native.setGradEnabled(before);
  }
}

/** Whether operations are recorded for gradients at the moment. */
export function isGradEnabled(): boolean {
  return native.isGradEnabled();
}

/** Options of {@link grad}. */
export interface GradOptions {
  /** One gradient for each output, needed for those of more than one element; null by default. */
  gradOutputs?: (Tensor | null)[] | null;
  /** Whether the graph can be gone through once more; what `createGraph` is by default. */
  retainGraph?: boolean | null;
  /** Whether the gradients can be differentiated in turn; false by default. */
  createGraph?: boolean;
  /** Whether an input that no output depends on gives null instead of an error; false by default. */
  allowUnused?: boolean;
}

const defaults: Required<GradOptions> = {
  gradOutputs: null,
  retainGraph: null,
  createGraph: false,
  allowUnused: false,
};

/**
 * The gradients of outputs with respect to inputs, whose `grad` is left as it is.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.grad.html
 */
export function grad(
  outputs: Tensor | Tensor[],
  inputs: Tensor | Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const { gradOutputs, retainGraph, createGraph, allowUnused } = mergeOptions(
    "torch.autograd.grad",
    defaults,
    options,
  );
  return native.grad(
    [outputs].flat(),
    [inputs].flat(),
    gradOutputs,
    retainGraph ?? createGraph,
    createGraph,
    allowUnused,
  );
}
