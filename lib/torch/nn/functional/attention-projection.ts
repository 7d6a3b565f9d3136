import { expected } from "../../../errors.ts";
import { cat } from "../../generated/functions.ts";
import type { Tensor } from "../../tensor.ts";
import { checkSize } from "./attention-masks.ts";
import { linear } from "./linear.ts";

export interface AttentionWeightsOptions {
  /** The projections of query, key and value one below the other: [3 embedDim, embedDim]. */
  inProjWeight?: Tensor | null;
  /** Their biases: [3 embedDim]; null, none, by default. */
  inProjBias?: Tensor | null;
  /** A learned key that is added at the end: [1, 1, embedDim]; null, none, by default. */
  biasK?: Tensor | null;
  /** A learned value that is added at the end: [1, 1, embedDim]; null, none, by default. */
  biasV?: Tensor | null;
  /** Whether the three weights below are taken instead of inProjWeight; false by default. */
  useSeparateProjWeight?: boolean;
  /** [embedDim, embedDim] */
  qProjWeight?: Tensor | null;
  /** [embedDim, keyFeatures] */
  kProjWeight?: Tensor | null;
  /** [embedDim, valueFeatures] */
  vProjWeight?: Tensor | null;
}

export type AttentionWeights = Required<AttentionWeightsOptions>;

export const attentionWeightsDefaults: AttentionWeights = {
  inProjWeight: null,
  inProjBias: null,
  biasK: null,
  biasV: null,
  useSeparateProjWeight: false,
  qProjWeight: null,
  kProjWeight: null,
  vProjWeight: null,
};

interface Projected {
  query: Tensor;
  key: Tensor;
  value: Tensor;
}

/** Query, key and value of the attention, [length, batch, embedDim] each, with the learned key and value at the end. */
export function project(
  where: string,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  weights: AttentionWeights,
): Projected {
  const embedDim = query.size(-1);
  if (weights.inProjBias !== null) checkSize(where, "inProjBias", weights.inProjBias, [3 * embedDim]);
  const projected = weights.useSeparateProjWeight
    ? projectApart(where, query, key, value, weights)
    : projectPacked(where, query, key, value, weights);
  return addBias(where, projected, weights);
}

function projectApart(
  where: string,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  weights: AttentionWeights,
): Projected {
  const embedDim = query.size(-1);
  if (`${value.shape.slice(0, -1)}` !== `${key.shape.slice(0, -1)}`)
    throw expected(where, `the key's length and batch [${key.shape.slice(0, -1)}]`, "value", value.shape);
  const [queryBias = null, keyBias = null, valueBias = null] = weights.inProjBias?.chunk(3) ?? [];
  const apply = (name: string, input: Tensor, weight: Tensor | null, bias: Tensor | null) => {
    if (weight === null) throw expected(where, "a Tensor with useSeparateProjWeight", name, weight);
    return linear(input, checkSize(where, name, weight, [embedDim, input.size(-1)]), bias);
  };
  return {
    query: apply("qProjWeight", query, weights.qProjWeight, queryBias),
    key: apply("kProjWeight", key, weights.kProjWeight, keyBias),
    value: apply("vProjWeight", value, weights.vProjWeight, valueBias),
  };
}

/** As few products as there are different inputs. */
function projectPacked(
  where: string,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { inProjWeight, inProjBias }: AttentionWeights,
): Projected {
  const embedDim = query.size(-1);
  checkSize(where, "value", value, key.shape);
  if (inProjWeight === null) throw expected(where, "a Tensor", "inProjWeight", inProjWeight);
  checkSize(where, "inProjWeight", inProjWeight, [3 * embedDim, embedDim]);
  if (key === value && query === key) {
    const [first, second, third] = unpack(linear(query, inProjWeight, inProjBias), 3);
    return { query: first as Tensor, key: second as Tensor, value: third as Tensor };
  }
  if (key === value) {
    const [weight, weights] = inProjWeight.split([embedDim, 2 * embedDim]);
    const [bias = null, biases = null] = inProjBias?.split([embedDim, 2 * embedDim]) ?? [];
    const first = linear(query, weight as Tensor, bias);
    const [second, third] = unpack(linear(key, weights as Tensor, biases), 2);
    return { query: first, key: second as Tensor, value: third as Tensor };
  }
  const [first, second, third] = inProjWeight.chunk(3);
  const [bias1 = null, bias2 = null, bias3 = null] = inProjBias?.chunk(3) ?? [];
  return {
    query: linear(query, first as Tensor, bias1),
    key: linear(key, second as Tensor, bias2),
    value: linear(value, third as Tensor, bias3),
  };
}

/** [..., count * size] as `count` tensors [..., size], each in one piece of memory. */
function unpack(projected: Tensor, count: number): Tensor[] {
  const parts = projected.unflatten(-1, [count, projected.size(-1) / count]);
  const stacked = parts.unsqueeze(0).transpose(0, -2).squeeze(-2).contiguous();
  return Array.from({ length: count }, (_, i) => stacked.select(0, i));
}

function addBias(where: string, projected: Projected, { biasK, biasV }: AttentionWeights): Projected {
  if (biasK === null && biasV === null) return projected;
  if (biasK === null || biasV === null)
    throw expected(where, "both or none", "biasK and biasV", [biasK, biasV]);
  const batch = projected.key.size(1);
  return {
    query: projected.query,
    key: cat([projected.key, biasK.repeat([1, batch, 1])]),
    value: cat([projected.value, biasV.repeat([1, batch, 1])]),
  };
}
