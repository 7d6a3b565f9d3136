import { optim } from "../torch/index.ts";

/** After which batches of an epoch the parameters are updated: each, or every so many and the last one. */
export class GradientAccumulation {
  /** How many batches share an update. */
  readonly steps: number;
  /** The gradients of the batches since the last update; null where each batch is followed by one. */
  readonly sums: optim.GradientSums | null;
  readonly #nBatchesPerEpoch: number;

  constructor(optimizer: optim.Optimizer, steps: number, nBatchesPerEpoch: number) {
    this.steps = steps;
    this.sums = steps === 1 ? null : new optim.GradientSums(optimizer);
    this.#nBatchesPerEpoch = nBatchesPerEpoch;
  }

  /** Whether the `position`-th batch of an epoch, counted from 1, is followed by an update. */
  isUpdate(position: number): boolean {
    return position % this.steps === 0 || position === this.#nBatchesPerEpoch;
  }

  /** What a plan says of `count` batches, of which `before` come before the first. */
  planned(before: number, count: number): { sums: optim.GradientSums["handle"]; updates: Int32Array } | null {
    if (this.sums === null) return null;
    const updates = Int32Array.from({ length: count }, (_, i) => Number(this.isUpdate(before + i + 1)));
    return { sums: this.sums.handle, updates };
  }

  dispose(): void {
    this.sums?.dispose();
  }
}
