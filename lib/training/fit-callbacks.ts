import { expected } from "../errors.ts";
import type { MultitaskClassifier } from "../model/index.ts";
import { mergeOptions } from "../options.ts";
import type { History } from "./history.ts";
import type { Trainer } from "./trainer.ts";

/** What a callback is told. */
export interface FitContext {
  readonly trainer: Trainer;
  /** With its own weights, also where averages of them are evaluated. */
  readonly model: MultitaskClassifier;
  /** So far, the evaluation of this point included. */
  readonly history: Readonly<History>;
  /** The latest value of every metric. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Epochs trained so far, with fractions. */
  readonly epoch: number;
  /** The path of the latest checkpoint; null as long as there is none. */
  readonly checkpoint: string | null;
  /** Ends the training after this point, as its last epoch would: `fit` resolves. */
  stop(): void;
}

/** What {@link FitCallbacks} hold: `fit` waits for what it returns. */
export type FitCallback = (context: FitContext) => void | Promise<void>;

/** What `fit` calls at certain points, and waits for. An error ends the training: `fit` rejects with it. */
export interface FitCallbacks {
  /** After the last batch of each epoch. */
  onEpochEnd?: FitCallback;
  /** After each evaluation, once it is logged. */
  onEvaluate?: FitCallback;
  /** After each checkpoint. */
  onCheckpoint?: FitCallback;
}

const none = { onEpochEnd: null, onEvaluate: null, onCheckpoint: null };

export type FitCallbackName = keyof typeof none;

export const fitCallbackNames = Object.keys(none) as FitCallbackName[];

/** @throws TypeError for something other than functions under the names that there are. */
export function readCallbacks(given: FitCallbacks | readonly FitCallbacks[]): readonly FitCallbacks[] {
  const where = "Trainer.fit";
  const list = Array.isArray(given) ? (given as readonly FitCallbacks[]) : [given as FitCallbacks];
  return list.map((callbacks) => {
    const merged = mergeOptions<object>(`${where}.callbacks`, none, callbacks);
    const named = Object.entries(merged).filter(([, callback]) => callback !== null);
    for (const [name, callback] of named)
      if (typeof callback !== "function") throw expected(where, "a function", `callbacks.${name}`, callback);
    return Object.fromEntries(named.map(([name, callback]) => [name, callback.bind(callbacks)]));
  });
}

/** Callbacks that are still to be called. */
export interface DueCallbacks {
  names: FitCallbackName[];
  /** How many objects were asked for the first of the names already. */
  asked: number;
}

/** Calls what is due, in order. What is saved in a callback is that which comes after it. */
export async function callDue(
  due: DueCallbacks,
  callbacks: readonly FitCallbacks[],
  context: FitContext,
): Promise<void> {
  for (let name = due.names[0]; name !== undefined; name = due.names[0]) {
    while (due.asked < callbacks.length) await callbacks[due.asked++]?.[name]?.(context);
    due.names.shift();
    due.asked = 0;
  }
}
