import { expected } from "../../../errors.ts";
import { mergeOptions, number } from "../../../options.ts";
import { baddbmm, bmm, cat } from "../../generated/functions.ts";
import { scaledDotProductAttention as sdpa } from "../../generated/nn.ts";
import type { Tensor } from "../../tensor.ts";
import { size } from "../sizes.ts";
import { softmax } from "./activation.ts";
import { addMasks, canonicalMask, checkAttentionShapes, checkSize } from "./attention-masks.ts";
import {
  type AttentionWeights,
  type AttentionWeightsOptions,
  attentionWeightsDefaults,
  project,
} from "./attention-projection.ts";
import { dropout } from "./dropout.ts";
import { linear } from "./linear.ts";

/** Options of {@link scaledDotProductAttention}. */
export interface ScaledDotProductAttentionOptions {
  /** Where false (boolean) keys are not looked at; what is added to the scores (floating). null, none, by default. */
  attnMask?: Tensor | null;
  /** The probability that a weight becomes 0; 0 by default. Whoever evaluates gives 0. */
  dropoutP?: number;
  /** Whether each query sees only the keys up to its own place, instead of a mask; false by default. */
  isCausal?: boolean;
  /** What the scores are multiplied by; null, 1 over the root of the features, by default. */
  scale?: number | null;
  /** Whether several heads of the query share one of key and value; false by default. */
  enableGqa?: boolean;
}

/**
 * `softmax(query key^T scale + mask) value`, by LibTorch's fused kernel where it has one.
 *
 * @param query - [..., queries, features]; with heads as the dimension before the last two
 * @param key - [..., keys, features]
 * @param value - [..., keys, valueFeatures]
 * @returns [..., queries, valueFeatures]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options?: ScaledDotProductAttentionOptions,
): Tensor {
  const where = "nn.functional.scaledDotProductAttention";
  const defaults: Required<ScaledDotProductAttentionOptions> = {
    attnMask: null,
    dropoutP: 0,
    isCausal: false,
    scale: null,
    enableGqa: false,
  };
  const read = mergeOptions(where, defaults, options);
  number(where, "dropoutP", read.dropoutP, { min: 0, max: 1 });
  // LibTorch divides the query's heads by these.
  if (read.enableGqa) {
    for (const [name, tensor] of Object.entries({ key, value }))
      size(where, `the heads of ${name}`, tensor.shape.at(-3));
  }
  return sdpa(query, key, value, read);
}

/** Options of {@link multiHeadAttentionForward}. */
export interface MultiHeadAttentionOptions extends AttentionWeightsOptions {
  /** Whether a key and a value of zeros are added at the end; false by default. */
  addZeroAttn?: boolean;
  /** The probability that an attention weight becomes 0 in training; 0 by default. */
  dropoutP?: number;
  /** [embedDim, embedDim] */
  outProjWeight: Tensor;
  /** [embedDim] */
  outProjBias?: Tensor | null;
  /** Whether it drops; true by default. */
  training?: boolean;
  /** Keys that are not looked at: [batch, keys] or [keys], boolean (true: ignored) or floating (added to the scores). */
  keyPaddingMask?: Tensor | null;
  /** Whether the weights are given back, which rules out the fused kernel; true by default. */
  needWeights?: boolean;
  /** As keyPaddingMask, for each query: [queries, keys] or [batch * heads, queries, keys]. */
  attnMask?: Tensor | null;
  /** Projected keys to be taken instead of the key's: [batch * heads, keys, embedDim / heads]. */
  staticK?: Tensor | null;
  /** Projected values to be taken instead of the value's: [batch * heads, keys, embedDim / heads]. */
  staticV?: Tensor | null;
  /** Whether the weights are the mean over the heads; true by default. */
  averageAttnWeights?: boolean;
  /** A promise that attnMask is the causal one, so that the kernel can do without it; false by default. */
  isCausal?: boolean;
}

const defaults = {
  ...attentionWeightsDefaults,
  addZeroAttn: false,
  dropoutP: 0,
  outProjWeight: null as Tensor | null,
  outProjBias: null as Tensor | null,
  training: true,
  keyPaddingMask: null as Tensor | null,
  needWeights: true,
  attnMask: null as Tensor | null,
  staticK: null as Tensor | null,
  staticV: null as Tensor | null,
  averageAttnWeights: true,
  isCausal: false,
};

/**
 * What `nn.MultiheadAttention` computes, with its weights as options.
 *
 * @param query - [queries, batch, embedDim], or without the batch
 * @param key - [keys, batch, keyFeatures], or without the batch
 * @param value - [keys, batch, valueFeatures], or without the batch
 * @param embedDimToCheck - the query's features
 * @returns the output, of the query's size, and the weights: [batch, queries, keys] or [batch, heads, queries, keys],
 *   or null without needWeights
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 */
export function multiHeadAttentionForward(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  embedDimToCheck: number,
  numHeads: number,
  options: MultiHeadAttentionOptions,
): [output: Tensor, weights: Tensor | null] {
  const where = "nn.functional.multiHeadAttentionForward";
  const read = mergeOptions<typeof defaults>(where, defaults, options);
  const heads = size(where, "numHeads", numHeads);
  const isBatched = checkAttentionShapes(where, query, key, value, read.keyPaddingMask, read.attnMask);
  const [rows, keys, values] = isBatched
    ? [query, key, value]
    : [query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)];
  const [targets = 0, batch = 0, embedDim = 0] = rows.shape;
  if (embedDim !== embedDimToCheck)
    throw expected(where, `${embedDimToCheck} features`, "query", query.shape);
  if (embedDim % heads !== 0) throw expected(where, `a divisor of ${embedDim}`, "numHeads", numHeads);
  if (read.outProjWeight === null) throw expected(where, "a Tensor", "outProjWeight", null);
  if (read.isCausal && read.attnMask === null) {
    const remedy = "Transformer.generateSquareSubsequentMask makes it";
    throw expected(where, "the causal mask with isCausal", "attnMask", null, remedy);
  }
  const headDim = embedDim / heads;
  const isCausal = read.isCausal && read.keyPaddingMask === null && !read.needWeights;
  const padding = canonicalMask(where, "keyPaddingMask", read.keyPaddingMask, query.dtype);
  const mask = isCausal ? null : canonicalMask(where, "attnMask", read.attnMask, query.dtype);
  const dropoutP = read.training ? number(where, "dropoutP", read.dropoutP, { min: 0, max: 1 }) : 0;

  const parts = project(where, rows, keys, values, read as AttentionWeights);
  const added = (read.biasK === null ? 0 : 1) + (read.addZeroAttn ? 1 : 0);
  const split = (tensor: Tensor) => tensor.view([tensor.size(0), batch * heads, headDim]).transpose(0, 1);
  const fixed = (name: string, tensor: Tensor | null) => {
    if (tensor !== null && read.biasK !== null) throw expected(where, "null with biasK", name, tensor);
    return tensor && checkSize(where, name, tensor, [batch * heads, tensor.shape[1] ?? 0, headDim]);
  };
  const q = split(parts.query);
  const k = withZeros(fixed("staticK", read.staticK) ?? split(parts.key), read.addZeroAttn);
  const v = withZeros(fixed("staticV", read.staticV) ?? split(parts.value), read.addZeroAttn);
  const sources = k.size(1);
  const scores = addMasks(where, mask, padding, { batch, heads, targets, sources, added });

  if (!read.needWeights) {
    const byHead = (tensor: Tensor) => tensor.view([batch, heads, tensor.size(1), headDim]);
    const isShared = scores?.size(0) === 1;
    const attnMask = scores && (isShared ? scores.unsqueeze(0) : scores.view([batch, heads, -1, sources]));
    const options = { attnMask, dropoutP, isCausal };
    const attended = scaledDotProductAttention(byHead(q), byHead(k), byHead(v), options);
    const joined = attended.permute([2, 0, 1, 3]).reshape([batch * targets, embedDim]);
    const output = linear(joined, read.outProjWeight, read.outProjBias).unflatten(0, [targets, batch]);
    return [isBatched ? output : output.squeeze(1), null];
  }
  const scaled = q.mul(Math.sqrt(1 / headDim));
  const transposed = k.transpose(-2, -1);
  const logits = scores === null ? bmm(scaled, transposed) : baddbmm(scores, scaled, transposed);
  const probabilities = softmax(logits, { dim: -1 });
  const weights = dropoutP > 0 ? dropout(probabilities, { p: dropoutP }) : probabilities;
  const joined = bmm(weights, v)
    .transpose(0, 1)
    .reshape([targets * batch, embedDim]);
  const output = linear(joined, read.outProjWeight, read.outProjBias).unflatten(0, [targets, batch]);
  const perHead = weights.view([batch, heads, targets, sources]);
  const shown = read.averageAttnWeights ? perHead.mean(1) : perHead;
  return isBatched ? [output, shown] : [output.squeeze(1), shown.squeeze(0)];
}

/** A key or value of zeros at the end of each head's. */
function withZeros(tensor: Tensor, adds: boolean): Tensor {
  const [heads = 0, , features = 0] = tensor.shape;
  return adds ? cat([tensor, tensor.newZeros([heads, 1, features])], 1) : tensor;
}
