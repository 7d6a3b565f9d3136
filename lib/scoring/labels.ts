import { expected } from "../errors.ts";
import { alignedLength, isMatrix, type LabelArray, type ScoringArray, select } from "./arrays.ts";

/**
 * Checks class labels and returns them as a flat array of integers.
 *
 * @param labels `[n]`, or `[n, 1]`, which is flattened.
 * @throws TypeError for a value that is not an integer, and for rows of any other length than one.
 * @see snorkel.utils.to_int_label_array
 */
export function toIntLabelArray(labels: ScoringArray): number[] {
  return isMatrix(labels) ? Array.from(labels, onlyElement) : Array.from(labels, checkedInteger);
}

function onlyElement(row: LabelArray): number {
  if (row?.length !== 1)
    throw expected(
      "toIntLabelArray",
      "one label per row",
      "labels",
      row,
      "Pass labels of shape [n] or [n, 1]",
    );
  return checkedInteger(row[0]);
}

function checkedInteger(value: number | undefined): number {
  if (Number.isSafeInteger(value)) return Number(value);
  throw expected("toIntLabelArray", "integers", "labels", value);
}

/** @inline */
type Filtered<A> = A extends ArrayLike<infer Element> ? Element[] : A;

/**
 * Drops data points by their labels, from all arrays alike, so that what is left is still aligned. A data point goes if
 * it matches **any** filter: if its label, or any number of its row, is one of the values named for that array.
 *
 * @param labelDict the arrays by name, all of one length; `undefined` stands for one that is not there, and stays.
 * @param filterDict the values to drop, by the name of an array; a name whose array is not there filters nothing.
 * @see snorkel.utils.filter_labels
 */
export function filterLabels<Arrays extends Record<string, ScoringArray | undefined>>(
  labelDict: Arrays,
  filterDict: { [Name in keyof Arrays]?: readonly number[] },
): { [Name in keyof Arrays]: Filtered<Arrays[Name]> } {
  const length = alignedLength("filterLabels", labelDict);
  const dropped = new Uint8Array(length);
  for (const [name, values] of Object.entries<readonly number[] | undefined>(filterDict)) {
    const array = labelDict[name];
    if (array === undefined || values === undefined) continue;
    for (let row = 0; row < length; row++) if (matches(array[row], values)) dropped[row] = 1;
  }
  const kept = Array.from(dropped.keys()).filter((row) => dropped[row] === 0);
  const entries = Object.entries(labelDict).map(([name, array]) => [
    name,
    array && select<unknown>(array, kept),
  ]);
  return Object.fromEntries(entries);
}

function matches(element: number | LabelArray | undefined, values: readonly number[]): boolean {
  if (typeof element === "number") return values.includes(element);
  return element !== undefined && Array.prototype.some.call(element, (value) => values.includes(value));
}
