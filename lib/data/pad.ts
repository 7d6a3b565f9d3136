import { expected } from "../errors.ts";
import { tensor } from "../torch/creation.ts";
import { scope } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";

/** Where each element of a padded matrix is found among rows that lie one after the other. */
export interface PaddedLayout {
  shape: [rows: number, width: number];
  /** One position per element of the matrix, in row-major order. */
  positions: Int32Array;
  /** The position just behind the rows: what padding is read from. */
  padding: number;
}

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

/**
 * Lays rows out as a matrix as wide as the longest of them.
 *
 * @param offsets - row `i` lies from `offsets[i]` up to, without, `offsets[i + 1]`
 * @param rows - which rows, in which order
 * @param maxLen - cuts rows to this many values, the first ones, or the last with `leftPadded`; 0 never cuts
 * @param leftPadded - puts the padding before the values rather than after them
 */
export function layOut(
  offsets: Int32Array,
  rows: ArrayLike<number>,
  maxLen = 0,
  leftPadded = false,
): PaddedLayout {
  const start = (i: number) => offsets[rows[i] as number] as number;
  const length = (i: number) => (offsets[(rows[i] as number) + 1] as number) - start(i);
  let width = 0;
  for (let i = 0; i < rows.length; i++) width = Math.max(width, length(i));
  if (maxLen > 0) width = Math.min(width, maxLen);
  const padding = offsets[offsets.length - 1] as number;
  const positions = new Int32Array(rows.length * width).fill(padding);
  for (let i = 0; i < rows.length; i++) {
    const taken = Math.min(length(i), width);
    const from = start(i) + (leftPadded ? length(i) - taken : 0);
    const to = i * width + (leftPadded ? width - taken : 0);
    for (let k = 0; k < taken; k++) positions[to + k] = from + k;
  }
  return { shape: [rows.length, width], positions, padding };
}

/** The padded matrix. `source` holds the rows and, as its last element, the padding. */
export function readPadded(source: Tensor, { shape, positions }: PaddedLayout): Tensor {
  return scope(() => source.indexSelect(0, tensor(positions, { device: source.device })).view(shape));
}
