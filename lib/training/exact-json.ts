import { isPlainObject } from "../options.ts";

/** Under this name stands what JSON has no word for. */
const mark = "$";

/** JSON that keeps every number: NaN, the infinities and -0 too. Functions are marked as such, and read as null. */
export function toExactJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "function") return { [mark]: "function" };
    const isOdd = typeof part === "number" && (!Number.isFinite(part) || Object.is(part, -0));
    return isOdd ? { [mark]: Object.is(part, -0) ? "-0" : String(part) } : part;
  });
}

/** @throws SyntaxError for text that is no JSON. */
export function fromExactJson(text: string): unknown {
  return JSON.parse(text, (_, part: unknown) => {
    if (!isPlainObject(part) || !(mark in part) || Object.keys(part).length !== 1) return part;
    return part[mark] === "function" ? null : Number(part[mark]);
  });
}
