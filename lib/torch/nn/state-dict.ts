import { describe } from "../../errors.ts";
import { noGrad } from "../autograd.ts";
import { scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";

/** The names in which a state dict and a module differ. */
export interface LoadResult {
  missingKeys: string[];
  unexpectedKeys: string[];
}

/** A buffer of a module itself, by its name in a state dict. */
export interface OwnBuffer {
  name: string;
  buffer: Tensor;
  /** Whether it is in the state dict. */
  persistent: boolean;
  /** Whether a state dict without it is accepted, and leaves it as it is; false by default. */
  mayBeMissing?: boolean;
}

/** A tensor of a module, and whether a state dict may lack it. */
export interface StateEntry {
  tensor: Tensor;
  mayBeMissing?: boolean | undefined;
}

/**
 * Copies the tensors of a state dict into those of a module, after all of them were checked: one error names everything
 * that does not fit, and then nothing has changed.
 */
export function loadInto(
  moduleName: string,
  own: ReadonlyMap<string, StateEntry>,
  dict: Record<string, Tensor>,
  strict: boolean,
): LoadResult {
  const missingKeys = [...own].flatMap(([key, { mayBeMissing }]) =>
    mayBeMissing || Object.hasOwn(dict, key) ? [] : [key],
  );
  const unexpectedKeys = Object.keys(dict).filter((key) => !own.has(key));
  const problems: string[] = [];
  if (strict && missingKeys.length > 0)
    problems.push(`Missing key(s) in state_dict: ${quoted(missingKeys)}.`);
  if (strict && unexpectedKeys.length > 0)
    problems.push(`Unexpected key(s) in state_dict: ${quoted(unexpectedKeys)}.`);
  const pairs: [Tensor, Tensor][] = [];
  for (const [key, { tensor: target }] of own) {
    if (!Object.hasOwn(dict, key)) continue;
    const source = dict[key];
    const problem = mismatch(key, target, source);
    if (problem !== null) problems.push(problem);
    else pairs.push([target, source as Tensor]);
  }
  if (problems.length > 0) {
    const list = problems.map((problem) => `\n\t${problem}`).join("");
    throw new Error(`[Module.loadStateDict] Error(s) in loading state_dict for ${moduleName}:${list}`);
  }
  scope(() => noGrad(() => pairs.forEach(([target, source]) => void target.copy_(source))));
  return { missingKeys, unexpectedKeys };
}

function mismatch(key: string, target: Tensor, source: unknown): string | null {
  if (!(source instanceof Tensor)) return `expected a Tensor for ${key}, got ${describe(source)}.`;
  if (source.isDisposed) return `expected a live Tensor for ${key}, got one that was disposed.`;
  const [given, wanted] = [source.shape, target.shape];
  if (given.length === wanted.length && given.every((size, dim) => size === wanted[dim])) return null;
  return (
    `size mismatch for ${key}: copying a param with shape ${sizes(given)} from checkpoint, ` +
    `the shape in current model is ${sizes(wanted)}.`
  );
}

function sizes(shape: number[]): string {
  return `[${shape.join(", ")}]`;
}

function quoted(keys: string[]): string {
  return keys.map((key) => JSON.stringify(key)).join(", ");
}
