import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, number, oneOf } from "../../../options.ts";
import { noGrad } from "../../autograd.ts";
import { arange, embeddingBag as bags } from "../../generated/functions.ts";
import { oneHot as encode } from "../../generated/nn.ts";
import { operator } from "../../operators.ts";
import { scope } from "../../scope.ts";
import type { Tensor } from "../../tensor.ts";
import type { EmbeddingBagOptions, EmbeddingOptions } from "../embedding.ts";
import { checkSize } from "./attention-masks.ts";

const embeddingOperator = operator("nn.functional.embedding", ["aten::embedding"]);
const renorm = operator("nn.functional.embedding", ["aten::embedding_renorm_"]);

const defaults: Required<EmbeddingOptions> = {
  paddingIdx: null,
  maxNorm: null,
  normType: 2,
  scaleGradByFreq: false,
  sparse: false,
};

const modes = ["sum", "mean", "max"] as const;

/** The row of an index that may count from the end; null stays null. */
function paddingRow(where: string, paddingIdx: number | null, rows: number): number | null {
  if (paddingIdx === null) return null;
  number(where, "paddingIdx", paddingIdx, { min: -rows, max: rows - 1, integer: true });
  return (paddingIdx + rows) % rows;
}

/** Scales the used rows of a table down to a norm, in place. */
function shorten(weight: Tensor, input: Tensor, maxNorm: number | null, normType: number): void {
  if (maxNorm === null) return;
  scope(() => noGrad(() => void renorm(weight.detach(), input.contiguous(), maxNorm, normType)));
}

/**
 * Rows of a table: integers of any shape [...] to [..., embeddingDim].
 * @param weight - [numEmbeddings, embeddingDim]; with `maxNorm` its used rows are scaled in place
 * @throws RangeError for an index that is out of range.
 */
export function embedding(input: Tensor, weight: Tensor, options?: EmbeddingOptions): Tensor {
  const where = "nn.functional.embedding";
  const { paddingIdx, maxNorm, normType, scaleGradByFreq, sparse } = mergeOptions(where, defaults, options);
  const row = paddingRow(where, paddingIdx, weight.size(0)) ?? -1;
  shorten(weight, input, maxNorm, normType);
  return embeddingOperator(weight, input, row, scaleGradByFreq, sparse) as Tensor;
}

/** What a bag of embeddings takes beside its indices and its table. */
export interface EmbeddingBagCall extends EmbeddingBagOptions {
  /** Where each bag begins in a flat input, rising from 0: [bags]. */
  offsets?: Tensor | null;
  /** A weight for each index, of the input's shape, with mode "sum". */
  perSampleWeights?: Tensor | null;
}

const bagDefaults: Required<EmbeddingBagCall> = {
  ...defaults,
  mode: "mean",
  includeLastOffset: false,
  offsets: null,
  perSampleWeights: null,
};

/**
 * The sum, mean or maximum of a table's rows, bag by bag.
 *
 * @param input - integers: [bags, length], or [indices] with offsets
 * @param weight - [numEmbeddings, embeddingDim]; with `maxNorm` its used rows are scaled in place
 * @returns [bags, embeddingDim]
 * @throws Error for indices and offsets that are out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
 */
export function embeddingBag(input: Tensor, weight: Tensor, options?: EmbeddingBagCall): Tensor {
  const where = "nn.functional.embeddingBag";
  const read = mergeOptions(where, bagDefaults, options);
  const mode = modes.indexOf(oneOf(where, "mode", read.mode, modes));
  const rank = input.shape.length;
  if (rank !== 1 && rank !== 2) throw expected(where, "1 or 2 dimensions", "input", input.shape);
  if (weight.shape.length !== 2) throw expected(where, "2 dimensions", "weight", weight.shape);
  if (read.mode === "max" && (read.sparse || read.scaleGradByFreq))
    throw expected(where, '"sum" or "mean" with sparse or scaleGradByFreq', "mode", read.mode);
  const weights = read.perSampleWeights;
  if (weights !== null && read.mode !== "sum")
    throw expected(where, '"sum" with perSampleWeights', "mode", read.mode);
  if (weights !== null) checkSize(where, "perSampleWeights", weights, input.shape);
  const offsets = readOffsets(where, input, read.offsets);
  const endsWithCount = rank === 1 && boolean(where, "includeLastOffset", read.includeLastOffset);
  // Without a bag, LibTorch adds the rows to foreign memory.
  if (input.shape[0] !== 0 && offsets.size(0) <= (endsWithCount ? 1 : 0))
    throw expected(where, "at least one bag", "offsets", offsets.shape);
  const padding = paddingRow(where, read.paddingIdx, weight.size(0));
  // What is past the last bag, LibTorch adds to foreign memory, too.
  const count = endsWithCount ? offsets.select(0, -1).item() : null;
  const flat = (tensor: Tensor) => (count === null ? tensor.reshape([-1]) : tensor.narrow(0, 0, count));
  shorten(weight, flat(input), read.maxNorm, read.normType);
  return bags(
    weight,
    flat(input),
    offsets,
    read.scaleGradByFreq,
    mode,
    read.sparse,
    weights && flat(weights),
    endsWithCount,
    padding,
  )[0];
}

/** Where the bags begin: what was given, or the rows of a 2-dimensional input. */
function readOffsets(where: string, input: Tensor, offsets: Tensor | null): Tensor {
  const [first = 0, length] = input.shape;
  if (length !== undefined) {
    if (offsets !== null) throw expected(where, "null with an input of 2 dimensions", "offsets", offsets);
    return arange(0, first, { dtype: input.dtype, device: input.device }).mul(length);
  }
  if (offsets === null) throw expected(where, "a Tensor with an input of 1 dimension", "offsets", offsets);
  if (offsets.shape.length !== 1) throw expected(where, "1 dimension", "offsets", offsets.shape);
  return offsets;
}

/**
 * Labels as rows with one 1: int64 [...] to int64 [..., numClasses].
 * @param options.numClasses - -1, one more than the largest label, by default
 * @throws Error for a label that is negative or not below numClasses.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 */
export function oneHot(input: Tensor, options?: { numClasses?: number }): Tensor {
  const { numClasses } = mergeOptions("nn.functional.oneHot", { numClasses: -1 }, options);
  return encode(input, numClasses);
}
