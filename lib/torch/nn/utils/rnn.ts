/**
 * Sequences of different lengths in one batch, `torch.nn.utils.rnn`.
 * @see https://pytorch.org/docs/stable/nn.html#utilities
 * @module
 */
import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, number, oneOf } from "../../../options.ts";
import { tensor } from "../../creation.ts";
import { operator } from "../../operators.ts";
import { Tensor } from "../../tensor.ts";
import { PackedSequence } from "./packed-sequence.ts";

export { invertPermutation, PackedSequence } from "./packed-sequence.ts";

const pack = operator("nn.utils.rnn.packPaddedSequence", ["aten::_pack_padded_sequence"]);
const unpack = operator("nn.utils.rnn.padPackedSequence", ["aten::_pad_packed_sequence"]);
const pad = operator("nn.utils.rnn.padSequence", ["aten::pad_sequence"]);

/**
 * Packs a padded batch.
 *
 * @param input - [steps, batch, ...]
 * @param lengths - how long each sequence is: numbers, or int64 on the CPU
 * @param options.batchFirst - whether the input is [batch, steps, ...]; false by default
 * @param options.enforceSorted - whether the lengths must descend; if false, the sequences are sorted here; true by default
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Tensor | readonly number[],
  options?: { batchFirst?: boolean; enforceSorted?: boolean },
): PackedSequence {
  const where = "nn.utils.rnn.packPaddedSequence";
  const read = mergeOptions(where, { batchFirst: false, enforceSorted: true }, options);
  const batchFirst = boolean(where, "batchFirst", read.batchFirst);
  const count = input.size(batchFirst ? 0 : 1);
  let [sequences, descending, sortedIndices] = [
    input,
    readLengths(where, lengths, count),
    null as Tensor | null,
  ];
  if (!boolean(where, "enforceSorted", read.enforceSorted)) {
    const [sorted, order] = descending.sort(-1, true);
    descending = sorted;
    sortedIndices = order.to({ device: input.device });
    sequences = input.indexSelect(batchFirst ? 0 : 1, sortedIndices);
  }
  const [data, batchSizes] = pack(sequences, descending, batchFirst) as [Tensor, Tensor];
  return new PackedSequence(data, batchSizes, { sortedIndices });
}

function readLengths(where: string, lengths: unknown, count: number): Tensor {
  if (lengths instanceof Tensor) return lengths;
  if (!Array.isArray(lengths) || lengths.length !== count)
    throw expected(where, `${count} lengths, one for each sequence`, "lengths", lengths);
  for (const [i, length] of lengths.entries())
    number(where, `lengths[${i}]`, length, { min: 1, integer: true });
  return tensor(lengths, { dtype: "int64" });
}

/**
 * Pads a packed batch, in the order in which it was packed.
 *
 * @param options.batchFirst - whether to give [batch, steps, ...]; false by default
 * @param options.paddingValue - 0 by default
 * @param options.totalLength - how many steps to pad to; those of the longest sequence by default
 * @returns the padded batch, [steps, batch, ...], and the lengths, int64 on the CPU
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options?: { batchFirst?: boolean; paddingValue?: number; totalLength?: number | null },
): [padded: Tensor, lengths: Tensor] {
  const where = "nn.utils.rnn.padPackedSequence";
  if (!(sequence instanceof PackedSequence)) throw expected(where, "a PackedSequence", "sequence", sequence);
  const defaults = { batchFirst: false, paddingValue: 0, totalLength: null as number | null };
  const { batchFirst, paddingValue, totalLength } = mergeOptions<typeof defaults>(where, defaults, options);
  const { data, batchSizes, unsortedIndices } = sequence;
  const longest = batchSizes.numel();
  const steps =
    totalLength === null
      ? longest
      : number(where, "totalLength", totalLength, { min: longest, integer: true });
  boolean(where, "batchFirst", batchFirst);
  const [padded, lengths] = unpack(data, batchSizes, batchFirst, paddingValue, steps) as [Tensor, Tensor];
  if (unsortedIndices === null) return [padded, lengths];
  const order = unsortedIndices.to({ device: "cpu" });
  return [padded.indexSelect(batchFirst ? 0 : 1, unsortedIndices), lengths.indexSelect(0, order)];
}

/**
 * Pads sequences, [steps, ...] each, to a batch.
 *
 * @param options.batchFirst - whether to give [batch, steps, ...]; false, for [steps, batch, ...], by default
 * @param options.paddingValue - 0 by default
 * @param options.paddingSide - where the padding goes; "right" by default
 */
export function padSequence(
  sequences: readonly Tensor[],
  options?: { batchFirst?: boolean; paddingValue?: number; paddingSide?: "left" | "right" },
): Tensor {
  const where = "nn.utils.rnn.padSequence";
  const defaults = { batchFirst: false, paddingValue: 0, paddingSide: "right" as "left" | "right" };
  const { batchFirst, paddingValue, paddingSide } = mergeOptions<typeof defaults>(where, defaults, options);
  oneOf(where, "paddingSide", paddingSide, ["left", "right"]);
  if (!Array.isArray(sequences)) throw expected(where, "an array of tensors", "sequences", sequences);
  return pad(sequences, batchFirst, paddingValue, paddingSide) as Tensor;
}

/** Takes a padded batch apart: the sequences without their padding. The opposite of {@link padSequence}. */
export function unpadSequence(
  paddedSequences: Tensor,
  lengths: Tensor | readonly number[],
  options?: { batchFirst?: boolean },
): Tensor[] {
  const where = "nn.utils.rnn.unpadSequence";
  const { batchFirst } = mergeOptions(where, { batchFirst: false }, options);
  const batch = boolean(where, "batchFirst", batchFirst) ? paddedSequences : paddedSequences.transpose(0, 1);
  const extents = (lengths instanceof Tensor ? lengths.tolist() : lengths) as number[];
  const [rows = 0, steps = 0] = batch.shape;
  if (!Array.isArray(extents) || extents.length !== rows)
    throw expected(where, `${rows} lengths, one for each sequence`, "lengths", lengths);
  return extents.map((length, row) => {
    const extent = number(where, `lengths[${row}]`, length, { min: 0, max: steps, integer: true });
    return batch.select(0, row).narrow(0, 0, extent).clone();
  });
}

/** Packs sequences, [steps, ...] each, that must be sorted by descending length unless `enforceSorted` is false. */
export function packSequence(
  sequences: readonly Tensor[],
  options?: { enforceSorted?: boolean },
): PackedSequence {
  const padded = padSequence(sequences);
  const lengths = sequences.map((sequence) => sequence.size(0));
  return packPaddedSequence(padded, lengths, options);
}

/** The sequences of a packed batch, in the order in which they were packed. The opposite of {@link packSequence}. */
export function unpackSequence(packedSequences: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packedSequences, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
}
