import { boolean, mergeOptions, number } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import { dimension } from "../sizes.ts";

const cosineOperator = operator("nn.functional.cosineSimilarity", ["aten::cosine_similarity"]);
const pairwiseOperator = operator("nn.functional.pairwiseDistance", ["aten::pairwise_distance"]);
const vectorNorm = operator("nn.functional.normalize", ["aten::linalg_vector_norm"]);
const pdistOperator = operator("nn.functional.pdist", ["aten::pdist"]);

/** The cosine of the angle between vectors along `dim` (1); `eps` (1e-8) is the least product of their norms. */
export function cosineSimilarity(x1: Tensor, x2: Tensor, options?: { dim?: number; eps?: number }): Tensor {
  const where = "nn.functional.cosineSimilarity";
  const { dim, eps } = mergeOptions(where, { dim: 1, eps: 1e-8 }, options);
  return cosineOperator(x1, x2, dimension(where, "dim", dim), number(where, "eps", eps)) as Tensor;
}

/** The p-norm (2) of `x1 - x2 + eps` (1e-6) along the last dimension. */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor,
  options?: { p?: number; eps?: number; keepdim?: boolean },
): Tensor {
  const where = "nn.functional.pairwiseDistance";
  const { p, eps, keepdim } = mergeOptions(where, { p: 2, eps: 1e-6, keepdim: false }, options);
  return pairwiseOperator(x1, x2, p, number(where, "eps", eps), boolean(where, "keepdim", keepdim)) as Tensor;
}

/** The p-norm (2) of the difference of each two rows: [rows, size] to [rows (rows - 1) / 2]. */
export function pdist(input: Tensor, options?: { p?: number }): Tensor {
  return pdistOperator(input, mergeOptions("nn.functional.pdist", { p: 2 }, options).p) as Tensor;
}

/** Divides by the p-norm (2) along `dim` (1), which is taken to be at least `eps` (1e-12). */
export function normalize(input: Tensor, options?: { p?: number; dim?: number; eps?: number }): Tensor {
  const where = "nn.functional.normalize";
  const { p, dim, eps } = mergeOptions(where, { p: 2, dim: 1, eps: 1e-12 }, options);
  const norm = vectorNorm(input, p, [dimension(where, "dim", dim)], true) as Tensor;
  return input.div(norm.clampMin(number(where, "eps", eps)).expandAs(input));
}
