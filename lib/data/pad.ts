import { expected } from "../errors.ts";
import { tensor } from "../torch/creation.ts";
import { scope } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";

/** Where each element of a padded matrix is found among rows that lie one after the other. */
export interface PaddedLayout {
  shape: [rows: number, width: number];
  /** One position per element of the matrix, in row-major order; 0 for padding. */
  positions: Int32Array;
  /** 1 where there is padding, 0 where there is a value, in the same order. */
  isPadding: Uint8Array;
  /** How many values of each row are in the matrix. */
  lengths: Int32Array;
}

/** How rows become a matrix. */
export interface LayoutOptions {
  /** Rows are cut to this many values: the first ones, or the last with `leftPadded`. 0 (default) never cuts. */
  maxLen: number;
  /** Put the padding before the values; after them by default. */
  leftPadded: boolean;
  /** Round the width up to a multiple of this, also past `maxLen`; 1 (default) leaves it. */
  padToMultipleOf: number;
  /**
   * Round the width up to one of these, in rising order, so that few shapes occur; [] (default) leaves it, and so does a
   * width past the last one.
   */
  padTo: readonly number[];
}

export const layoutDefaults: LayoutOptions = {
  maxLen: 0,
  leftPadded: false,
  padToMultipleOf: 1,
  padTo: [],
};

/** The running sum of lengths, from 0. */
export function offsetsOf(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  let total = 0;
  for (const [i, length] of lengths.entries()) {
    total += length;
    offsets[i + 1] = total;
  }
  if (total >= 2 ** 31) throw expected("padBatch", "fewer than 2^31 values", "all rows together", total);
  return offsets;
}

/** How long the longest of some rows is, cut to `maxLen`. */
export function longestOf(offsets: Int32Array, rows: ArrayLike<number>, maxLen: number): number {
  let longest = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    longest = Math.max(longest, (offsets[row + 1] as number) - (offsets[row] as number));
  }
  return maxLen > 0 ? Math.min(longest, maxLen) : longest;
}

/** The width of a matrix whose longest row has that many values. */
export function widthOf(
  longest: number,
  { padToMultipleOf, padTo }: Pick<LayoutOptions, "padToMultipleOf" | "padTo">,
): number {
  const fitting = padTo.find((width) => width >= longest) ?? longest;
  return Math.ceil(fitting / padToMultipleOf) * padToMultipleOf;
}

/**
 * Lays rows out as a matrix as wide as the longest of them, or wider where the options round it up.
 *
 * @param offsets - row `i` lies from `offsets[i]` up to, without, `offsets[i + 1]`
 * @param rows - which rows, in which order
 */
export function layOut(
  offsets: Int32Array,
  rows: ArrayLike<number>,
  options: Partial<LayoutOptions> = {},
): PaddedLayout {
  const { maxLen, leftPadded, ...rounding } = { ...layoutDefaults, ...options };
  const start = (i: number) => offsets[rows[i] as number] as number;
  const length = (i: number) => (offsets[(rows[i] as number) + 1] as number) - start(i);
  const lengths = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) lengths[i] = maxLen > 0 ? Math.min(length(i), maxLen) : length(i);
  const width = widthOf(
    lengths.reduce((longest, taken) => Math.max(longest, taken), 0),
    rounding,
  );
  const positions = new Int32Array(rows.length * width);
  const isPadding = new Uint8Array(rows.length * width).fill(1);
  for (const [i, taken] of lengths.entries()) {
    const from = start(i) + (leftPadded ? length(i) - taken : 0);
    const to = i * width + (leftPadded ? width - taken : 0);
    for (let k = 0; k < taken; k++) positions[to + k] = from + k;
    isPadding.fill(0, to, to + taken);
  }
  return { shape: [rows.length, width], positions, isPadding, lengths };
}

/** The padded matrix of rows that lie one after the other in `source`, which is never copied as a whole. */
export function readPadded(source: Tensor, layout: PaddedLayout, padValue: number): Tensor {
  const { shape, positions } = layout;
  return scope(() => {
    if (source.size(0) === 0) return source.newFull(shape, padValue);
    const picked = source.indexSelect(0, tensor(positions, { device: source.device })).view(shape);
    if (!layout.isPadding.includes(1)) return picked;
    return picked.maskedFill(paddingMask(layout, source.device), padValue);
  });
}

/** A boolean matrix that is true at padding. */
export function paddingMask({ shape, isPadding }: PaddedLayout, device: string): Tensor {
  return scope(() => tensor(isPadding, { dtype: "bool", device }).view(shape));
}
