import { expected } from "../errors.ts";
import { isMatrix, type LabelArray, type ScoringArray } from "./arrays.ts";

export type InputName = "golds" | "preds" | "probs";

/** Values whose data points are left out, by the array in which they stand. */
export type Filter = { readonly [Name in InputName]?: readonly number[] };

/** The numbers of an array, row by row: that of a row and a column is at `row * width + column`. */
export interface Columns {
  data: LabelArray;
  rows: number;
  width: number;
  /** Whether the numbers were float32, whose rounding a metric may have to allow for. */
  isFloat32: boolean;
}

/** What a metric is computed from. */
export interface Inputs {
  /** Its name, for messages. */
  metric: string;
  golds: Columns;
  preds: Columns;
  probs: Columns;
  /**
   * Which entries of golds, `[rows, width]`, are left out, where a row has several; null if none is. Where a row has one,
   * what is left out is not there.
   */
  missing: Uint8Array | null;
  /** Whether nothing is left to score. */
  isEmpty: boolean;
  beta: number;
  k: number;
}

const nothing: Columns = { data: [], rows: 0, width: 1, isFloat32: false };

/** Reads what a metric was given, without the data points that a filter names. */
export function readInputs(
  metric: string,
  given: { readonly [Name in InputName]?: ScoringArray | undefined },
  needed: readonly InputName[],
  filter: Filter,
  options: { beta: number; k: number },
): Inputs {
  const read = (name: InputName): Columns => {
    const array = given[name];
    const isUsed = array !== undefined && (needed.includes(name) || filter[name] !== undefined);
    return isUsed ? toColumns(metric, name, array) : nothing;
  };
  const arrays = { golds: read("golds"), preds: read("preds"), probs: read("probs") };
  const { rows, width } = arrays[needed[0] ?? "golds"];
  const missing = missingEntries(arrays, filter, rows, width);
  if (missing === null) return { metric, ...arrays, missing, isEmpty: rows === 0, ...options };
  if (width > 1) return { metric, ...arrays, missing, isEmpty: !missing.includes(0), ...options };
  const kept = positionsOf(missing, 0);
  const [golds, preds, probs] = [arrays.golds, arrays.preds, arrays.probs].map((one) => take(one, kept));
  const left = { golds: golds as Columns, preds: preds as Columns, probs: probs as Columns };
  return { metric, ...left, missing: null, isEmpty: kept.length === 0, ...options };
}

/** @throws TypeError for rows of different lengths. */
export function toColumns(where: string, name: string, array: ScoringArray): Columns {
  const rows = array.length;
  if (!isMatrix(array)) return { data: array, rows, width: 1, isFloat32: array instanceof Float32Array };
  const first: ArrayLike<unknown> | null | undefined = array[0];
  const width = first?.length ?? 0;
  if (width === 0) throw expected(where, "at least one number per row", name, first);
  const data = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const numbers = array[row];
    if (numbers?.length !== width) throw expected(where, `${width} numbers`, `${name}[${row}]`, numbers);
    for (let column = 0; column < width; column++) {
      const value: unknown = numbers[column];
      if (typeof value !== "number") throw expected(where, "numbers", `${name}[${row}][${column}]`, value);
      data[row * width + column] = value;
    }
  }
  return { data, rows, width, isFloat32: first instanceof Float32Array };
}

/** 1 for each entry that a filter names; null if there is none. */
function missingEntries(
  arrays: Record<InputName, Columns>,
  filter: Filter,
  rows: number,
  width: number,
): Uint8Array | null {
  const missing = new Uint8Array(rows * width);
  for (const name of ["golds", "preds", "probs"] as const) {
    const { data, width: own } = arrays[name];
    for (const value of filter[name] ?? []) {
      for (let i = 0; i < data.length; i++) {
        if (data[i] !== value) continue;
        if (own === width) missing[i] = 1;
        else missing.fill(1, Math.floor(i / own) * width, (Math.floor(i / own) + 1) * width);
      }
    }
  }
  return missing.includes(1) ? missing : null;
}

function positionsOf(flags: Uint8Array, flag: number): Int32Array {
  const positions = new Int32Array(flags.length);
  let count = 0;
  for (let i = 0; i < flags.length; i++) if (flags[i] === flag) positions[count++] = i;
  return positions.subarray(0, count);
}

function take(columns: Columns, rows: Int32Array): Columns {
  if (columns.rows === 0) return columns;
  const { data, width } = columns;
  const taken = new Float64Array(rows.length * width);
  for (let i = 0; i < rows.length; i++)
    for (let column = 0; column < width; column++)
      taken[i * width + column] = data[(rows[i] as number) * width + column] as number;
  return { ...columns, data: taken, rows: rows.length };
}

/** The labels of one class per data point. @throws TypeError for rows of several labels, and what is no integer. */
export function classLabels(metric: string, name: InputName, { data, width }: Columns): LabelArray {
  if (width > 1) {
    const instead = "Such labels take accuracy, hamming_loss, f1_macro and other averages";
    throw expected(metric, "one label per row", name, width, instead);
  }
  for (let i = 0; i < data.length; i++) {
    if (!Number.isSafeInteger(data[i])) throw expected(metric, "integers", name, data[i]);
  }
  return data;
}

/** Checks that there are finite numbers everywhere. */
export function checkFinite(metric: string, name: InputName, { data, width }: Columns): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const place = width === 1 ? `${i}` : `${Math.floor(i / width)}][${i % width}`;
    throw expected(metric, "a finite number", `${name}[${place}]`, data[i]);
  }
}
