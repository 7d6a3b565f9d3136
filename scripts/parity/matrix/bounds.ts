import type { Manner, ParityCase } from "./case.ts";
import { type Differences, kinds } from "./compare.ts";

/** What a run is bound by: "exact" for the same operators in the same order, else what is computed otherwise. */
export type Reason = "exact" | "soft labels" | "fused" | "soft labels, unsteady" | "fused, unsteady";

const exact: Differences = {
  ...(Object.fromEntries(kinds.map((kind) => [kind, 0])) as Differences),
  // Losses over partly labelled batches are sums over all rows, in which those without a label are zeros.
  losses: 1e-6,
  events: 1e-6,
  // Formulas of scikit-learn in another order: the last bit of a double.
  scores: 1e-15,
};

/** Losses of soft labels are computed at once, not class by class: their gradients have other last bits. */
const softLabels: Differences = {
  ...exact,
  losses: 1e-5,
  events: 1e-5,
  scores: 1e-5,
  checkpoints: 1e-5,
  weights: 1e-5,
  probs: 1e-5,
};

/** Another order of the operations of an update. */
const fused: Differences = softLabels;

/**
 * How far a run may be from Python's, and why.
 *
 * @param sensitivity - how far Python's own run is from itself where it starts from weights a rounding away. A training that
 *   does not settle makes anything of a rounding: there no other rounding can be told from a fault.
 */
export function boundsOf(
  { tasks }: ParityCase,
  { implementation }: Manner,
  sensitivity: Differences,
): { reason: Reason; bounds: Differences } {
  const hasSoftLabels = tasks.some(({ loss }) => loss === "withProbs");
  if (implementation === "foreach" && !hasSoftLabels) return { reason: "exact", bounds: exact };
  const steady = implementation === "fused" ? fused : softLabels;
  const isUnsteady = kinds.some((kind) => sensitivity[kind] > steady[kind]);
  const bounds = kinds.map((kind) => [kind, Math.max(steady[kind], sensitivity[kind])]);
  const reason = implementation === "fused" ? "fused" : "soft labels";
  return {
    reason: isUnsteady ? `${reason}, unsteady` : reason,
    bounds: Object.fromEntries(bounds) as Differences,
  };
}
