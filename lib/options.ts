import { expected, unknownName } from "./errors.ts";

/** True for an object literal (or one without a prototype): what our functions take as options. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Makes the values of a configuration, nested ones too, optional. */
export type Partially<T> = {
  [K in keyof T]?: T[K] extends unknown[] | ((...args: never[]) => unknown)
    ? T[K]
    : T[K] extends object
      ? Partially<T[K]>
      : T[K];
};

/**
 * Merges what a caller gave into the defaults. A nested configuration (a default that is a plain object) is merged in
 * turn; `undefined` means the default. Neither argument is changed.
 *
 * @throws TypeError for an option that the defaults do not have, naming the nearest one.
 */
export function mergeOptions<T extends object>(
  where: string,
  defaults: T,
  given: Partially<T> | undefined,
): T {
  if (given !== undefined && !isPlainObject(given)) throw expected(where, "a plain object", "options", given);
  checkOptionNames(where, given ?? {}, Object.keys(defaults));
  const merged: Record<string, unknown> = {};
  for (const [name, base] of Object.entries(defaults)) {
    const value = given?.[name as keyof typeof given];
    if (isPlainObject(base))
      merged[name] = mergeOptions(`${where}.${name}`, base, value as object | undefined);
    else if (value !== undefined) merged[name] = value;
    // A copy, because what a caller does with its own configuration is no other's.
    else merged[name] = Array.isArray(base) ? [...base] : base;
  }
  return merged as T;
}

/** @throws TypeError for an option that is none of those known, naming the nearest one. */
export function checkOptionNames(where: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given))
    if (!known.includes(name)) throw unknownName(where, "option", name, known);
}

/**
 * Checks a name by which something is kept in an object.
 * @throws TypeError for an empty one, and for the one name that an object of JavaScript cannot have as any other.
 */
export function checkName(where: string, name: string, value: unknown): string {
  if (typeof value !== "string" || value === "") throw expected(where, "a name", name, value);
  if (value === "__proto__") throw expected(where, "another name", name, value);
  return value;
}

/** Checks that a value is one of a closed set of names. */
export function oneOf<T extends string>(
  where: string,
  name: string,
  value: unknown,
  choices: readonly T[],
): T {
  if (choices.includes(value as T)) return value as T;
  if (typeof value === "string") throw unknownName(where, name, value, choices);
  throw expected(where, `one of ${choices.map((c) => JSON.stringify(c)).join(", ")}`, name, value);
}

/** Checks that a value is a number in a range, finite, and whole where `integer` is set. */
export function number(
  where: string,
  name: string,
  value: unknown,
  range: { min?: number; max?: number; above?: number; below?: number; integer?: boolean } = {},
): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
  const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = range;
  const kind = range.integer ? "an integer" : "a number";
  const bounds = [
    range.min === undefined ? [] : [`at least ${min}`],
    range.above === undefined ? [] : [`above ${above}`],
    range.max === undefined ? [] : [`at most ${max}`],
    range.below === undefined ? [] : [`below ${below}`],
  ].flat();
  const fits =
    typeof value === "number" &&
    Number.isFinite(value) &&
    (!range.integer || Number.isSafeInteger(value)) &&
    value >= min &&
    value <= max &&
    value > above &&
    value < below;
  if (!fits) throw expected(where, [kind, ...bounds].join(" "), name, value);
  return value;
}

/** Checks that a value is true or false. */
export function boolean(where: string, name: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw expected(where, "a boolean", name, value);
  return value;
}
