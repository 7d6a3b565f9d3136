import { expected } from "../errors.ts";
import type { RemapLabels } from "../model/index.ts";
import { checkOptionNames, isPlainObject } from "../options.ts";
import { type FitCallbacks, readCallbacks } from "./fit-callbacks.ts";

/** Options of {@link Trainer.fit}. */
export interface FitOptions {
  /** Stops the training between two batches; `fit` then rejects with the signal's reason, and the model stays usable. */
  signal?: AbortSignal;
  /** Which task a set of labels trains, where it is not the one of the same name; null for none. */
  remapLabels?: RemapLabels;
  /** Labels that are to train no task, and to be left out of the validation: as `remapLabels` with null. */
  ignoreLabels?: readonly string[];
  /** What is called after evaluations, checkpoints and epochs; several are called in their order. */
  callbacks?: FitCallbacks | readonly FitCallbacks[];
}

const where = "Trainer.fit";
const names: readonly (keyof FitOptions)[] = ["signal", "remapLabels", "ignoreLabels", "callbacks"];

/** @throws TypeError for an unknown option, naming the nearest, or a value that is none of its kind. */
export function readFitOptions(options: FitOptions): {
  signal: AbortSignal | undefined;
  remapLabels: RemapLabels;
  callbacks: readonly FitCallbacks[];
} {
  if (!isPlainObject(options)) throw expected(where, "a plain object", "options", options);
  checkOptionNames(where, options, names);
  const { signal, remapLabels = {}, ignoreLabels = [], callbacks = [] }: FitOptions = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function")
    throw expected(where, "an AbortSignal", "signal", signal);
  if (!isPlainObject(remapLabels))
    throw expected(where, "an object of tasks' names by label", "remapLabels", remapLabels);
  if (!Array.isArray(ignoreLabels) || ignoreLabels.some((label) => typeof label !== "string"))
    throw expected(where, "an array of labels' names", "ignoreLabels", ignoreLabels);
  const ignored = Object.fromEntries(ignoreLabels.map((label) => [label, null]));
  return { signal, remapLabels: { ...remapLabels, ...ignored }, callbacks: readCallbacks(callbacks) };
}
