import type { Manner, ParityCase } from "./case.ts";
import { type Differences, kinds } from "./compare.ts";

/** What a run is bound by: "exact" for the same operators in the same order, else what is computed otherwise. */
export type Reason = "exact" | Otherwise | `${Otherwise}, unsteady`;

/**
 * - soft labels: their loss is computed at once, not class by class, so its gradients have other last bits.
 * - masked: where rows have no label, a binary cross-entropy divides the gradients in another order.
 * - fused: the operations of an update have another order.
 */
type Otherwise = "soft labels" | "masked" | "fused";

const exact: Differences = {
  ...(Object.fromEntries(kinds.map((kind) => [kind, 0])) as Differences),
  // Losses over partly labelled batches are sums over all rows, in which those without a label are zeros.
  losses: 1e-6,
  events: 1e-6,
  // Formulas of scikit-learn in another order: the last bit of a double.
  scores: 1e-15,
};

const otherwise: Differences = {
  ...exact,
  losses: 1e-5,
  events: 1e-5,
  scores: 1e-5,
  checkpoints: 1e-5,
  weights: 1e-5,
  probs: 1e-5,
};

/**
 * How far a run may be from Python's, and why.
 *
 * @param sensitivity - how far Python's own run is from itself where it starts from weights a rounding away. A training that
 *   does not settle makes anything of a rounding: there no other rounding can be told from a fault.
 */
export function boundsOf(
  parityCase: ParityCase,
  { implementation }: Manner,
  sensitivity: Differences,
): { reason: Reason; bounds: Differences } {
  const reason = implementation === "fused" ? "fused" : reasonOf(parityCase);
  if (reason === null) return { reason: "exact", bounds: exact };
  const isUnsteady = kinds.some((kind) => sensitivity[kind] > otherwise[kind]);
  const bounds = kinds.map((kind) => [kind, Math.max(otherwise[kind], sensitivity[kind])]);
  return {
    reason: isUnsteady ? `${reason}, unsteady` : reason,
    bounds: Object.fromEntries(bounds) as Differences,
  };
}

/** Why "foreach" computes a case otherwise than Python; null where it does not. */
function reasonOf({ tasks, loaders }: ParityCase): Otherwise | null {
  if (tasks.some(({ loss }) => loss === "withProbs")) return "soft labels";
  const isPartial = loaders.some(
    ({ labels, gap }) =>
      gap.length > 0 || labels.some(({ kind, missing }) => kind === "binary" && missing > 0),
  );
  return isPartial && tasks.some(({ loss }) => loss === "binaryCrossEntropy") ? "masked" : null;
}
