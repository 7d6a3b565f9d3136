import { expected } from "../../errors.ts";
import { number } from "../../options.ts";

/** One number for every dimension, or one for each. */
export type Sizes = number | readonly number[];

/** LibTorch's own bound for many operators. */
export const maxDimensions = 64;

/** Checks sizes of a space of so many dimensions, and spells them out. */
export function spread(
  where: string,
  name: string,
  value: unknown,
  dimensions: number,
  min: number,
): number[] {
  if (!Array.isArray(value))
    return Array(dimensions).fill(number(where, name, value, { min, integer: true }));
  if (value.length !== dimensions) {
    throw expected(where, `an integer or an array of ${dimensions} integers`, name, value);
  }
  return value.map((size, dim) => number(where, `${name}[${dim}]`, size, { min, integer: true }));
}

/** Checks factors of a space of so many dimensions, and spells them out. */
export function ratios(
  where: string,
  name: string,
  value: unknown,
  dimensions: number,
  range: { above?: number; below?: number },
): number[] {
  if (!Array.isArray(value)) return Array(dimensions).fill(number(where, name, value, range));
  if (value.length !== dimensions)
    throw expected(where, `a number or an array of ${dimensions} numbers`, name, value);
  return value.map((ratio, dim) => number(where, `${name}[${dim}]`, ratio, range));
}

/** Checks sizes of a space of so many dimensions, where null stands for the input's, and spells them out. */
export function spreadOrNull(
  where: string,
  name: string,
  value: unknown,
  dimensions: number,
  min: number,
): (number | null)[] {
  if (!Array.isArray(value) || value.length !== dimensions)
    return spread(where, name, value, dimensions, min);
  return value.map((size, dim) =>
    size === null ? null : number(where, `${name}[${dim}]`, size, { min, integer: true }),
  );
}

/** Checks a shape of at least one dimension, which may be given as one number. */
export function shapeOf(where: string, name: string, value: unknown): number[] {
  const sizes: unknown[] = Array.isArray(value) ? value : [value];
  if (sizes.length === 0 || sizes.length > maxDimensions)
    throw expected(where, `1 to ${maxDimensions} sizes`, name, value);
  return Array.from(sizes, (extent) => size(where, name, extent));
}

/** Checks a required size, such as the number of features. */
export function size(where: string, name: string, value: unknown): number {
  return number(where, name, value, { min: 1, integer: true });
}

/** Checks a dimension's position, which may count from the end. */
export function dimension(where: string, name: string, value: unknown): number {
  return number(where, name, value, { integer: true });
}
