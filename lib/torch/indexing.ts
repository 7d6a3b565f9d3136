import type { Tensor } from "./tensor.ts";

/** Every step-th position from start up to, without, end. Negative positions count from the end. */
export class Slice {
  readonly start: number | null;
  readonly end: number | null;
  readonly step: number;

  constructor(start: number | null, end: number | null, step: number) {
    this.start = start;
    this.end = end;
    this.step = step;
  }
}

/** Python's `start:end:step` as an index; `slice()` is a whole dimension. */
export function slice(start: number | null = null, end: number | null = null, step = 1): Slice {
  return new Slice(start, end, step);
}

/**
 * One index of `Tensor.index`, with PyTorch's meaning: a number picks a position and drops the dimension, a
 * {@link slice} picks a range, null adds a dimension of size 1, "..." stands for as many whole dimensions as are left; a
 * boolean tensor (or array) is a mask, an integer one a list of positions.
 */
export type TensorIndex =
  | number
  | bigint
  | boolean
  | null
  | "..."
  | Slice
  | Tensor
  | readonly number[]
  | readonly boolean[];
