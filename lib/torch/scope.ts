import { types } from "node:util";
import { runSynchronously } from "./synchronous.ts";

/**
 * What a scope can free.
 * @inline
 */
interface Disposable {
  dispose(): void;
}

/** The method by which an object of a class says which tensors it holds, so that a scope that returns it keeps them. */
export const heldTensors = Symbol("heldTensors");

/** The tensors that a running `scope` will free, and the scope around it. */
interface OpenScope {
  tensors: Set<Disposable>;
  outer: OpenScope | null;
}

let innermost: OpenScope | null = null;

/** Notes a new tensor in the innermost open scope, if there is one. Called by the Tensor constructor. */
export function track(tensor: Disposable): void {
  innermost?.tensors.add(tensor);
}

/** Takes a tensor out of the scopes: it lives until it is disposed or collected. Returns it. */
export function keep<T extends Disposable>(tensor: T): T {
  for (let open = innermost; open !== null; open = open.outer) open.tensors.delete(tensor);
  return tensor;
}

/**
 * Runs a function and frees every tensor that it made, at once, but those that it returns (by themselves or inside arrays,
 * maps, sets and plain objects) and those given to {@link keep}. Scopes nest: what an inner scope returns belongs to the
 * outer.
 *
 * JavaScript's collector sees tensors as small objects and frees them late, only between turns of the event loop: a loop
 * without scopes can fill the memory.
 *
 * @throws TypeError if the function returns a promise: a scope covers synchronous work.
 */
export function scope<T>(run: () => T): T {
  const mine: OpenScope = { tensors: new Set(), outer: innermost };
  innermost = mine;
  try {
    const result = runSynchronously("torch.scope", run);
    release(result, mine);
    return result;
  } finally {
    innermost = mine.outer;
    disposeAll(mine.tensors);
  }
}

/** Disposes of each, and then throws the first error of one that could not be: a training may be using it. */
function disposeAll(tensors: Iterable<Disposable>): void {
  const errors: unknown[] = [];
  for (const tensor of tensors) {
    try {
      tensor.dispose();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/**
 * Runs a function as {@link scope} does, but frees what it made only when told so: for what is used across turns of the
 * event loop. Nothing of it belongs to an open scope.
 */
export function collect<T>(run: () => T): { result: T; dispose(): void } {
  const mine: OpenScope = { tensors: new Set(), outer: innermost };
  innermost = mine;
  const dispose = () => disposeAll(mine.tensors);
  try {
    return { result: run(), dispose };
  } catch (error) {
    dispose();
    throw error;
  } finally {
    innermost = mine.outer;
  }
}

/**
 * Runs a function that may turn out to be asynchronous. If it returns a promise, what it has made until then leaves the
 * open scopes, because its work goes on after they have ended; otherwise nothing is different.
 */
export function outliveIfAsync<T>(run: () => T): T {
  const mine: OpenScope = { tensors: new Set(), outer: innermost };
  innermost = mine;
  let result: T | undefined;
  try {
    result = run();
    return result;
  } finally {
    innermost = mine.outer;
    if (!types.isPromise(result)) for (const tensor of mine.tensors) mine.outer?.tensors.add(tensor);
  }
}

/** Hands the tensors inside a result over to the outer scope. */
function release(result: unknown, mine: OpenScope, seen = new Set<object>()): void {
  if (typeof result !== "object" || result === null || mine.tensors.size === 0) return;
  if (mine.tensors.delete(result as Disposable)) {
    mine.outer?.tensors.add(result as Disposable);
    return;
  }
  if (seen.has(result)) return;
  seen.add(result);
  for (const element of elementsOf(result)) release(element, mine, seen);
}

function elementsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return value.values();
  if (heldTensors in value) return (value[heldTensors] as () => Iterable<unknown>)();
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? Object.values(value) : [];
}
