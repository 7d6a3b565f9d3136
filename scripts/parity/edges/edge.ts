import { isDeepStrictEqual } from "node:util";

/** What is expected of one side: a value, or an error whose words match. */
export type Expected = { value: unknown } | { error: RegExp };

/** A situation at the edge of what Snorkel does, by a name that both sides know. */
export interface Edge {
  name: string;
  here: () => unknown;
  /** What Python Snorkel does. */
  snorkel: Expected;
  /** What this package does. */
  expected: Expected;
}

/** What came of an edge. */
export type Result = { value: unknown } | { error: string };

/** Both sides give this value. */
export function same(name: string, value: unknown, here: () => unknown): Edge {
  return { name, here, snorkel: { value }, expected: { value } };
}

/** Both sides refuse it, each in its words. */
export function refused(name: string, snorkel: RegExp, expected: RegExp, here: () => unknown): Edge {
  return { name, here, snorkel: { error: snorkel }, expected: { error: expected } };
}

/** A decided difference: docs/differences.md has it. A regular expression is the words of an error. */
export function differs(name: string, snorkel: unknown, expected: unknown, here: () => unknown): Edge {
  return { name, here, snorkel: read(snorkel), expected: read(expected) };
}

function read(expectation: unknown): Expected {
  return expectation instanceof RegExp ? { error: expectation } : { value: expectation };
}

export async function runHere({ here }: Edge): Promise<Result> {
  try {
    return { value: await here() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether a result is what was expected. Numbers may differ in the last bit of a double. */
export function fulfils(result: Result, expected: Expected): boolean {
  if ("error" in expected) return "error" in result && expected.error.test(result.error);
  return "value" in result && isDeepStrictEqual(rounded(result.value), rounded(expected.value));
}

function rounded(value: unknown): unknown {
  if (typeof value === "number")
    return Number.isFinite(value) ? Number(value.toPrecision(14)) : String(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, rounded(item)]));
}

export function formatExpected(expected: Expected): string {
  return "error" in expected ? `an error like ${expected.error}` : JSON.stringify(rounded(expected.value));
}

export function formatResult(result: Result | undefined): string {
  if (result === undefined) return "nothing: the other side does not know it";
  return "error" in result ? `the error ${result.error}` : JSON.stringify(rounded(result.value));
}
