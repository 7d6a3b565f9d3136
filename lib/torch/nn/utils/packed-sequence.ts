import { expected } from "../../../errors.ts";
import { mergeOptions } from "../../../options.ts";
import { arange } from "../../generated/functions.ts";
import { native } from "../../native.ts";
import { heldTensors } from "../../scope.ts";
import { Tensor } from "../../tensor.ts";

/**
 * Sequences of different lengths without padding, in the order of their steps: first the first steps of all, then the
 * second ones of all that have one. Made by `packPaddedSequence` and `packSequence`; recurrent modules take and give it.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
 */
export class PackedSequence {
  /** [steps of all sequences, ...] */
  readonly data: Tensor;
  /** How many sequences there are at each step: int64, on the CPU. */
  readonly batchSizes: Tensor;
  /** Where the sequences, sorted by length, came from; null where they were given so. */
  readonly sortedIndices: Tensor | null;
  /** Where each sequence went to. */
  readonly unsortedIndices: Tensor | null;

  /** @param options.unsortedIndices - the inverse of `sortedIndices` by default */
  constructor(
    data: Tensor,
    batchSizes: Tensor,
    options?: { sortedIndices?: Tensor | null; unsortedIndices?: Tensor | null },
  ) {
    const where = "nn.utils.rnn.PackedSequence";
    const defaults = { sortedIndices: null as Tensor | null, unsortedIndices: null as Tensor | null };
    const indices = mergeOptions<typeof defaults>(where, defaults, options);
    for (const [name, tensor] of Object.entries({ data, batchSizes, ...indices })) {
      const mayBeNull = name in indices;
      if (!(tensor instanceof Tensor) && !(mayBeNull && tensor === null))
        throw expected(where, `a Tensor${mayBeNull ? " or null" : ""}`, name, tensor);
    }
    if (batchSizes.device !== "cpu")
      throw expected(where, "a tensor on the CPU", "batchSizes", batchSizes.device);
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = indices.sortedIndices;
    this.unsortedIndices =
      indices.unsortedIndices ?? (indices.sortedIndices && invertPermutation(indices.sortedIndices));
  }

  /** Converts the data as Tensor.to does; the indices go to its device. */
  to(...target: Parameters<Tensor["to"]>): PackedSequence {
    const data = this.data.to(...target);
    if (native.tensorIsSame(data, this.data)) return this;
    const move = (tensor: Tensor | null) => tensor?.to({ device: data.device }) ?? null;
    const [sortedIndices, unsortedIndices] = [move(this.sortedIndices), move(this.unsortedIndices)];
    return new PackedSequence(data, this.batchSizes, { sortedIndices, unsortedIndices });
  }

  [heldTensors](): (Tensor | null)[] {
    return [this.data, this.batchSizes, this.sortedIndices, this.unsortedIndices];
  }
}

/** The permutation that undoes another: int64, [n]. */
export function invertPermutation(permutation: Tensor): Tensor {
  const { device } = permutation;
  const positions = arange(0, permutation.numel(), { dtype: "int64", device });
  return permutation.mul(0).scatter(0, permutation, positions);
}
