import { closest } from "fastest-levenshtein";

const longestText = 60;

/** A short description of a value for an error message: what it is, then its type. Never throws. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "string") return `${quote(value)} (string)`;
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (typeof value !== "object") return `${Object.is(value, -0) ? "-0" : String(value)} (${typeof value})`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  try {
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name ?? "Object";
    if (name === "Object") return `an object with keys ${quoteAll(Object.keys(value))}`;
    if (typeof name === "string" && name !== "") return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
  } catch {
    // A proxy or getter of the user's threw.
  }
  return "an object";
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A shape for an error message. */
export function shapeText(shape: readonly number[]): string {
  return `shape [${shape.join(", ")}]`;
}

/**
 * The one form of our messages: `[where] expected WHAT for NAME, got VALUE. REMEDY`.
 * Returned, not thrown, so that the control flow stays visible at the call: `throw expected(...)`.
 */
export function expected(
  where: string,
  what: string,
  name: string,
  got: unknown,
  remedy?: string,
): TypeError {
  return new TypeError(
    `[${where}] expected ${what} for ${name}, got ${describe(got)}${remedy ? `. ${remedy}` : ""}`,
  );
}

/** An error about a name that is none of the known ones; it names the nearest. */
export function unknownName(where: string, kind: string, name: string, known: Iterable<string>): TypeError {
  const names = [...known];
  const hint = names.length > 0 ? `. Did you mean ${JSON.stringify(closest(name, names))}?` : "";
  return new TypeError(
    `[${where}] expected ${kind} to be one of ${quoteAll(names)}, got ${JSON.stringify(name)}${hint}`,
  );
}

function quote(text: string): string {
  return JSON.stringify(text.length > longestText ? `${text.slice(0, longestText)}...` : text);
}

function quoteAll(names: string[]): string {
  const shown = names.slice(0, 30).map(quote);
  return `[${shown.join(", ")}${names.length > 30 ? `, and ${names.length - 30} more` : ""}]`;
}
