import type { Manner, ParityCase } from "./case.ts";
import { type Differences, kinds } from "./compare.ts";

/** What a run is bound by: "exact" for the same operators in the same order, else what is computed otherwise. */
export type Reason = "exact" | "soft labels" | "fused";

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
  scores: 1e-5,
  checkpoints: 1e-5,
  weights: 1e-5,
  probs: 1e-5,
};

/** Another order of the operations of an update. */
const fused: Differences = {
  ...exact,
  losses: 1e-4,
  scores: 1e-4,
  checkpoints: 1e-4,
  weights: 1e-4,
  probs: 1e-4,
};

/** How far a run may be from Python's, and why. */
export function boundsOf(
  { tasks }: ParityCase,
  { implementation }: Manner,
): { reason: Reason; bounds: Differences } {
  if (implementation === "fused") return { reason: "fused", bounds: fused };
  const hasSoftLabels = tasks.some(({ loss }) => loss === "withProbs");
  return hasSoftLabels ? { reason: "soft labels", bounds: softLabels } : { reason: "exact", bounds: exact };
}
