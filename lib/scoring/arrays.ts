import { expected } from "../errors.ts";

/** One number per data point, `[n]`: a plain array or a typed one. Class labels are integers; -1 says "no label". */
export type LabelArray = ArrayLike<number>;

/** One row of numbers per data point, `[n, c]`: for class probabilities, row `i` holds one per class. */
export type ProbabilityMatrix = ArrayLike<ArrayLike<number>>;

/** What can be scored: one number or one row of numbers per data point. */
export type ScoringArray = LabelArray | ProbabilityMatrix;

/** True where each data point has a row rather than a number. An empty array has neither, and gives false. */
export function isMatrix(array: ScoringArray): array is ProbabilityMatrix {
  return array.length > 0 && typeof array[0] === "object";
}

/** @inline */
type FlatData =
  | number[]
  | Int8Array
  | Uint8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array;

/**
 * Cuts the flat data of a tensor of a given shape into what can be scored: itself for `[n]`, else one row per data
 * point, which holds all its numbers. The rows of a typed array are views; only 64-bit integers are copied, to numbers.
 *
 * @throws TypeError for data of another size than the shape says.
 */
export function toScoringArray(data: FlatData, shape: readonly number[]): ScoringArray {
  if (data instanceof BigInt64Array) return toScoringArray(Float64Array.from(data, Number), shape);
  const [count = 0, ...rest] = shape;
  const size = rest.reduce((product, length) => product * length, 1);
  if (data.length !== count * size)
    throw expected("toScoringArray", `${count * size} numbers (shape [${shape}])`, "data", data.length);
  if (rest.length === 0) return data;
  const cut = (start: number) =>
    Array.isArray(data) ? data.slice(start, start + size) : data.subarray(start, start + size);
  return Array.from({ length: count }, (_, row) => cut(row * size));
}

/**
 * Checks that all the arrays that are given are arrays of one length, and returns that length.
 *
 * @throws TypeError for a value that is no array, and for arrays of different lengths.
 */
export function alignedLength(where: string, arrays: Record<string, unknown>): number {
  let first: { name: string; length: number } | undefined;
  for (const [name, array] of Object.entries(arrays)) {
    if (array === undefined) continue;
    if (!isArrayLike(array))
      throw expected(
        where,
        "an array",
        name,
        array,
        "Turn a tensor into one with tolist() or toTypedArray()",
      );
    first ??= { name, length: array.length };
    if (array.length !== first.length)
      throw expected(where, `${first.length} elements, as ${first.name} has`, name, array.length);
  }
  return first?.length ?? 0;
}

/** The elements at the given positions, in that order. */
export function select<Element>(array: ArrayLike<Element>, positions: readonly number[]): Element[] {
  return positions.map((position) => array[position] as Element);
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}
