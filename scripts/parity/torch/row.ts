/** One line of the table: how far a part of PyTorch is here from Python. */
export interface Row {
  part: "module" | "loss" | "function" | "optimizer" | "schedule" | "averaging" | "file" | "loader";
  /** What it is, with its options: `Linear(6, 3)`. */
  name: string;
  /** The worst difference of all that was compared, relative to the largest element; NaN if names or shapes differ. */
  difference: number;
  /** The largest difference that is allowed; 0 where the bits must be Python's. */
  bound: number;
}
