import type { torch } from "snorkel-torch";
import type { Implementation, Outcome } from "./train.ts";

/** How far a run here is from Python's, each the worst of the run. */
export interface Difference {
  losses: number;
  rates: number;
  weights: number;
  scores: number;
}

/** What is allowed. Scores are fractions of a few hundred rows: with the same weights they are the same. */
export const bounds: Record<Implementation, Difference> = {
  foreach: { losses: 1e-6, rates: 0, weights: 0, scores: 0 },
  fused: { losses: 1e-5, rates: 0, weights: 1e-5, scores: 0 },
};

export function compare(ours: Outcome, python: Outcome): Difference {
  return {
    losses: lossDifference(ours, python),
    rates: rateDifference(ours, python),
    weights: weightDifference(ours.weights, python.weights),
    scores: relativeDifference(ours.scores, python.scores),
  };
}

/** The names of what is out of its bound. */
export function broken(difference: Difference, implementation: Implementation): string[] {
  const names = Object.keys(difference) as (keyof Difference)[];
  // Not `>`: NaN is out of every bound.
  return names.filter((name) => !(difference[name] <= bounds[implementation][name]));
}

function lossDifference(ours: Outcome, python: Outcome): number {
  if (ours.batches.length !== python.batches.length) return Number.NaN;
  return worst(
    python.batches.map(({ losses }, i) => relativeDifference(ours.batches[i]?.losses ?? {}, losses)),
  );
}

function rateDifference(ours: Outcome, python: Outcome): number {
  return worst(
    ours.batches.map(({ rate }, i) =>
      rate === null ? 0 : relative([rate], [python.batches[i]?.rate ?? Number.NaN]),
    ),
  );
}

/** By tensor: the largest difference of two elements over the largest element. */
function weightDifference(ours: Record<string, torch.Tensor>, python: Record<string, torch.Tensor>): number {
  if (Object.keys(ours).sort().join() !== Object.keys(python).sort().join()) return Number.NaN;
  return worst(
    Object.entries(ours).map(([name, own]) => {
      const other = python[name];
      return other === undefined ? Number.NaN : relative(elements(own), elements(other));
    }),
  );
}

/** Of numbers by name: the largest difference over the largest number; NaN if the names are not the same. */
export function relativeDifference(ours: Record<string, number>, python: Record<string, number>): number {
  const names = Object.keys(python);
  if (names.length !== Object.keys(ours).length) return Number.NaN;
  return relative(
    names.map((name) => ours[name]),
    names.map((name) => python[name]),
  );
}

function elements(tensor: torch.Tensor): number[] {
  return Array.from(tensor.toTypedArray(), Number);
}

function relative(ours: readonly (number | undefined)[], python: readonly (number | undefined)[]): number {
  if (ours.length !== python.length) return Number.NaN;
  const difference = worst(
    ours.map((value, i) => Math.abs((value ?? Number.NaN) - (python[i] ?? Number.NaN))),
  );
  return difference === 0 ? 0 : difference / worst(python.map((value) => Math.abs(value ?? Number.NaN)));
}

/** The largest; NaN if one is NaN. */
function worst(differences: readonly number[]): number {
  return Math.max(0, ...differences);
}
