import { types } from "node:util";
import { expected } from "../errors.ts";

/**
 * Runs a function that must have done all its work when it returns.
 * @throws TypeError if it returns a promise.
 */
export function runSynchronously<T>(where: string, run: () => T): T {
  const result = run();
  if (!types.isPromise(result)) return result;
  // Its work goes on without what `where` grants, and may fail for that: this error is the one to report.
  result.catch(() => {});
  throw expected(where, "a synchronous function", "run", run, `Call ${where} inside the async function`);
}
