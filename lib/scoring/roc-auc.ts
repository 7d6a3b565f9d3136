import { expected } from "../errors.ts";
import type { ProbabilityMatrix } from "./arrays.ts";

/**
 * The area under the receiver operating characteristic: the chance that a positive data point has a greater
 * probability (in column 1) than a negative one, ties counting half. The greater of the two labels is the positive one.
 *
 * NaN where golds hold a single class, as in scikit-learn.
 */
export function rocAuc(golds: readonly number[], probs: ProbabilityMatrix): number {
  if (probs[0]?.length !== 2)
    throw expected("roc_auc", "two columns", "probs", probs[0]?.length, "It is defined for two classes only");
  const labels = [...new Set(golds)].sort((a, b) => a - b);
  if (labels.length > 2) throw expected("roc_auc", "two classes", "golds", labels.length);
  if (labels.length < 2) return Number.NaN;

  const positive = labels[1];
  const points = golds.map((gold, row) => ({ gold, probability: finite(probs[row]?.[1], row) }));
  points.sort((a, b) => a.probability - b.probability);

  let negativesBelow = 0;
  let pairsInOrder = 0;
  let positives = 0;
  for (let start = 0; start < points.length; ) {
    const probability = points[start]?.probability;
    let [tiedPositives, tiedNegatives] = [0, 0];
    for (; start < points.length && points[start]?.probability === probability; start++)
      if (points[start]?.gold === positive) tiedPositives++;
      else tiedNegatives++;
    pairsInOrder += tiedPositives * (negativesBelow + tiedNegatives / 2);
    positives += tiedPositives;
    negativesBelow += tiedNegatives;
  }
  return pairsInOrder / (positives * negativesBelow);
}

function finite(probability: number | undefined, row: number): number {
  if (Number.isFinite(probability)) return Number(probability);
  throw expected("roc_auc", "a finite number", `probs[${row}][1]`, probability);
}
