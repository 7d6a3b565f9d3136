import { types } from "node:util";
import { expected } from "../errors.ts";
import { tensor } from "../torch/creation.ts";
import type { Dtype } from "../torch/dtype.ts";
import { cat } from "../torch/generated/functions.ts";
import { keep, scope } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import { layOut, offsetsOf, readPadded } from "./pad.ts";
import { addPadded, type PaddingOptions, readPadding } from "./padding.ts";
import type { XDict } from "./types.ts";

/** What one example of a ragged field is given as: one-dimensional, of any length. */
export type RaggedRow =
  | Tensor
  | NodeJS.TypedArray
  | readonly number[]
  | readonly bigint[]
  | readonly boolean[];

/** Options of {@link RaggedField.from}. */
export interface RaggedOptions extends Partial<PaddingOptions> {
  dtype?: Dtype;
}

/**
 * A field whose examples are one-dimensional and of different lengths, such as token ids: all values in one tensor,
 * and where each example starts. A batch of it is a padded matrix: on the right with 0, as {@link padBatch} does, unless
 * its options say otherwise; they can add a mask and the lengths as fields of their own.
 */
export class RaggedField {
  /** The values of all examples, one after the other. */
  readonly values: Tensor;
  /** Example `i` holds the values from `offsets[i]` up to, without, `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** How a batch is padded. */
  readonly padding: Readonly<PaddingOptions>;

  /**
   * @param values - `[total]`. They are not copied: they may be more than the memory holds, such as a mapped file.
   * @param offsets - `[length + 1]`, from 0 to `total`, never falling
   */
  constructor(values: Tensor, offsets: Int32Array, padding: Partial<PaddingOptions> = {}) {
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
    this.padding = readPadding(where, padding);
    checkPadValue(values, this.padding.padValue);
    this.offsets = offsets;
    this.values = keep(values);
  }

  /**
   * Joins rows. Numbers become float32 and bigints int64, unless `dtype` says otherwise; typed arrays and tensors bring
   * their own dtype. The other options are those of {@link PaddingOptions}.
   *
   * @throws TypeError for a row that is not one-dimensional or not of numbers.
   */
  static from(rows: readonly RaggedRow[], options: RaggedOptions = {}): RaggedField {
    const { dtype, ...padding } = options;
    const offsets = offsetsOf(rows.map((row) => (row instanceof Tensor ? row.size(0) : row.length)));
    return scope(() => {
      // An empty array has no dtype to say: it must not make floats of its neighbours.
      const filled = rows.filter((_, i) => offsets[i] !== offsets[i + 1]);
      const parts = (filled.length > 0 ? filled : rows.slice(0, 1)).map((row) => toTensor(row, dtype));
      return new RaggedField(parts.length > 0 ? cat(parts) : tensor([], { dtype }), offsets, padding);
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

  /** How many values each example has in a batch: cut to `maxLen`. */
  get lengths(): Int32Array {
    const { maxLen } = this.padding;
    return Int32Array.from({ length: this.length }, (_, i) => {
      const length = (this.offsets[i + 1] as number) - (this.offsets[i] as number);
      return maxLen > 0 ? Math.min(length, maxLen) : length;
    });
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

  /** The examples at the given positions, padded to one length: `[positions, width]`. */
  pad(positions: ArrayLike<number>): Tensor {
    return readPadded(this.values, layOut(this.offsets, positions, this.padding), this.padding.padValue);
  }

  /** Puts the examples at the given positions into a batch, padded, with the mask and the lengths that are asked for. */
  addTo(xDict: XDict, name: string, positions: ArrayLike<number>): void {
    addPadded(xDict, name, this.values, layOut(this.offsets, positions, this.padding), this.padding);
  }
}

/** LibTorch says which values a dtype can hold. */
function checkPadValue(values: Tensor, padValue: number): void {
  scope(() => void values.newZeros([1]).maskedFill(tensor([true], { device: values.device }), padValue));
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
