import { expected } from "../../../errors.ts";
import { mergeOptions, number, oneOf } from "../../../options.ts";
import { noGrad } from "../../autograd.ts";
import { arange } from "../../generated/functions.ts";
import { operator } from "../../operators.ts";
import { scope } from "../../scope.ts";
import type { Tensor } from "../../tensor.ts";
import type { EmbeddingOptions } from "../embedding.ts";
import type { EmbeddingBagOptions } from "../embedding-bag.ts";
import type { FactoryOptions } from "../factory.ts";

const embeddingOperator = operator("nn.functional.embedding", ["aten::embedding"]);
const bagOperator = operator("nn.functional.embeddingBag", ["aten::embedding_bag.padding_idx"]);
const renorm = operator("nn.functional.embedding", ["aten::embedding_renorm_"]);

const defaults = {
  paddingIdx: null as number | null,
  maxNorm: null as number | null,
  normType: 2,
  scaleGradByFreq: false,
  sparse: false,
};
const modes = ["sum", "mean", "max"] as const;

/**
 * Rows of a table: integers of any shape [...] to [..., embeddingDim].
 * @param weight - [numEmbeddings, embeddingDim]; with `maxNorm` its used rows are scaled in place
 * @throws RangeError for an index that is out of range.
 */
export function embedding(
  input: Tensor,
  weight: Tensor,
  options?: Omit<EmbeddingOptions, keyof FactoryOptions>,
): Tensor {
  const where = "nn.functional.embedding";
  const read = mergeOptions<typeof defaults>(where, defaults, options);
  const { paddingIdx } = read;
  const rows = weight.size(0);
  if (paddingIdx !== null)
    number(where, "paddingIdx", paddingIdx, { min: -rows, max: rows - 1, integer: true });
  const row = paddingIdx === null ? -1 : (paddingIdx + rows) % rows;
  shorten(input, weight, read);
  return embeddingOperator(weight, input, row, read.scaleGradByFreq, read.sparse) as Tensor;
}

/** Scales the rows that are used down to the greatest norm, in place. */
function shorten(input: Tensor, weight: Tensor, { maxNorm, normType }: typeof defaults): void {
  if (maxNorm === null) return;
  scope(() => noGrad(() => void renorm(weight.detach(), input.contiguous(), maxNorm, normType)));
}

/**
 * Sums, means or maxima of rows of a table, bag by bag.
 *
 * @param input - integers: [bags, length], or [indices] with offsets
 * @param weight - [numEmbeddings, embeddingDim]
 * @param given - the options of `nn.EmbeddingBag`; `offsets`, integers: where each bag starts in a flat input;
 *   `perSampleWeights`, of the input's shape, for mode "sum"
 * @returns [bags, embeddingDim]
 */
export function embeddingBag(
  input: Tensor,
  weight: Tensor,
  given?: Omit<EmbeddingBagOptions, keyof FactoryOptions> & {
    offsets?: Tensor | null;
    perSampleWeights?: Tensor | null;
  },
): Tensor {
  const where = "nn.functional.embeddingBag";
  const tensors = { offsets: null as Tensor | null, perSampleWeights: null as Tensor | null };
  const bagDefaults = {
    ...defaults,
    ...tensors,
    mode: "mean" as "sum" | "mean" | "max",
    includeLastOffset: false,
  };
  const options = mergeOptions<typeof bagDefaults>(where, bagDefaults, given);
  const mode = oneOf(where, "mode", options.mode, modes);
  if (mode === "max" && (options.sparse || options.scaleGradByFreq))
    throw expected(where, '"sum" or "mean" with sparse or scaleGradByFreq', "mode", mode);
  if (mode !== "sum" && options.perSampleWeights !== null)
    throw expected(where, '"sum" with perSampleWeights', "mode", mode);
  const bags = readBags(where, input, options);
  shorten(input, weight, options);
  const [result] = bagOperator(
    weight,
    bags.indices,
    bags.offsets,
    options.scaleGradByFreq,
    modes.indexOf(mode),
    options.sparse,
    bags.weights,
    bags.includeLastOffset,
    options.paddingIdx,
  ) as [Tensor];
  return result;
}

/** The bags as one row of indices and their offsets. */
function readBags(
  where: string,
  input: Tensor,
  options: { offsets: Tensor | null; perSampleWeights: Tensor | null; includeLastOffset: boolean },
) {
  const { offsets, perSampleWeights, includeLastOffset } = options;
  const [rows = 0, length] = input.shape;
  const rank = input.shape.length;
  if (rank !== 1 && rank !== 2) throw expected(where, "1 or 2 dimensions", "input", input.shape);
  if (perSampleWeights !== null && String(perSampleWeights.shape) !== String(input.shape))
    throw expected(where, `the input's size [${input.shape}]`, "perSampleWeights", perSampleWeights.shape);
  if (length === undefined) {
    if (offsets === null) throw expected(where, "a tensor, for an input of 1 dimension", "offsets", null);
    // Without a bag, LibTorch adds the rows to foreign memory.
    if (rows > 0 && offsets.shape[0] === 0)
      throw expected(where, "at least one bag", "offsets", offsets.shape);
    return { indices: input, offsets, weights: perSampleWeights, includeLastOffset };
  }
  if (offsets !== null) throw expected(where, "null, for an input of 2 dimensions", "offsets", offsets);
  if (length === 0)
    throw expected(where, "bags of at least 1 index", "input", `one of size [${input.shape}]`);
  const { dtype, device } = input;
  return {
    indices: input.reshape([-1]),
    offsets: arange(0, rows * length, length, { dtype, device }),
    weights: perSampleWeights?.reshape([-1]) ?? null,
    includeLastOffset: false,
  };
}
