import { types } from "node:util";
import { expected } from "../errors.ts";
import { tensor } from "../torch/creation.ts";
import type { Dtype } from "../torch/dtype.ts";
import { cat } from "../torch/generated/functions.ts";
import { keep, scope } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import { layOut, offsetsOf, readPadded } from "./pad.ts";

/** What one example of a ragged field is given as: one-dimensional, of any length. */
export type RaggedRow =
  | Tensor
  | NodeJS.TypedArray
  | readonly number[]
  | readonly bigint[]
  | readonly boolean[];

/**
 * A field whose examples are one-dimensional and of different lengths, such as token ids: all values in one tensor,
 * and where each example starts. A batch of it is padded on the right with 0, as {@link padBatch} does.
 */
export class RaggedField {
  /** The values of all examples, one after the other. */
  readonly values: Tensor;
  /** Example `i` holds the values from `offsets[i]` up to, without, `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** The values and one 0 behind them, which is what padding is read from. */
  readonly #source: Tensor;

  /**
   * @param values - `[total]`
   * @param offsets - `[length + 1]`, from 0 to `total`, never falling
   */
  constructor(values: Tensor, offsets: Int32Array) {
    const where = "RaggedField";
    if (!(values instanceof Tensor) || values.shape.length !== 1) {
      throw expected(
        where,
        "a 1-d Tensor",
        "values",
        values instanceof Tensor ? `shape [${values.shape}]` : values,
      );
    }
    const total = values.size(0);
    if (
      !(offsets instanceof Int32Array) ||
      offsets[0] !== 0 ||
      offsets.at(-1) !== total ||
      !isSorted(offsets)
    ) {
      throw expected(where, `an Int32Array that rises from 0 to ${total}`, "offsets", offsets);
    }
    this.offsets = offsets;
    this.#source = keep(scope(() => cat([values, values.newZeros([1])])));
    this.values = keep(this.#source.narrow(0, 0, total));
  }

  /**
   * Joins rows. Numbers become float32 and bigints int64, unless `dtype` says otherwise; typed arrays and tensors bring
   * their own dtype.
   *
   * @throws TypeError for a row that is not one-dimensional or not of numbers.
   */
  static from(rows: readonly RaggedRow[], options: { dtype?: Dtype } = {}): RaggedField {
    const offsets = offsetsOf(rows.map((row) => (row instanceof Tensor ? row.size(0) : row.length)));
    return scope(() => {
      // An empty array has no dtype to say: it must not make floats of its neighbours.
      const filled = rows.filter((_, i) => offsets[i] !== offsets[i + 1]);
      const parts = (filled.length > 0 ? filled : rows.slice(0, 1)).map((row) =>
        toTensor(row, options.dtype),
      );
      return new RaggedField(parts.length > 0 ? cat(parts) : tensor([], options), offsets);
    });
  }

  /** True if a list is one that {@link RaggedField.from} joins. */
  static accepts(values: readonly unknown[]): values is readonly RaggedRow[] {
    return values.length > 0 && values.every(isRow);
  }

  /** The number of examples. */
  get length(): number {
    return this.offsets.length - 1;
  }

  /** The values of one example, `[its length]`: a view. */
  row(i: number): Tensor {
    const start = this.offsets[i];
    const end = this.offsets[i + 1];
    if (start === undefined || end === undefined) {
      throw expected("RaggedField.row", `an index below ${this.length}`, "i", i);
    }
    return this.values.narrow(0, start, end - start);
  }

  /** The examples at the given positions, padded to one length: `[positions, longest]`. */
  pad(positions: ArrayLike<number>): Tensor {
    return readPadded(this.#source, layOut(this.offsets, positions));
  }
}

function toTensor(row: RaggedRow, dtype: Dtype | undefined): Tensor {
  if (row instanceof Tensor) return dtype === undefined ? row : row.to(dtype);
  return tensor(row as number[], { dtype });
}

function isRow(value: unknown): value is RaggedRow {
  if (value instanceof Tensor) return value.shape.length === 1;
  if (types.isTypedArray(value)) return true;
  return (
    Array.isArray(value) && value.every((element) => ["number", "bigint", "boolean"].includes(typeof element))
  );
}

function isSorted(offsets: Int32Array): boolean {
  return offsets.every((offset, i) => i === 0 || offset >= (offsets[i - 1] as number));
}
