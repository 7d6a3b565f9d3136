import { createHash } from "node:crypto";
import { expected } from "../errors.ts";
import { mergeOptions, number, oneOf } from "../options.ts";
import { isMatrix, type LabelArray, type ProbabilityMatrix, type ScoringArray } from "./arrays.ts";
import { toIntLabelArray } from "./labels.ts";

const TIE_BREAK_POLICIES = ["random", "true-random", "abstain"] as const;

/** Options of {@link probsToPreds}. */
export interface ProbsToPredsOptions {
  /**
   * What to predict for a data point whose best classes are tied: `"random"` picks one of them by a hash of the row's
   * index, the same one in every run; `"true-random"` picks anew each time; `"abstain"` gives -1. Default `"random"`.
   */
  tieBreakPolicy: (typeof TIE_BREAK_POLICIES)[number];
  /** Classes less than this below the greatest probability are tied with it. Default `1e-5`. */
  tol: number;
}

/** True for outputs that `probsToPreds` can turn into predictions: rows of at least two classes. */
export function hasClasses(probs: ScoringArray): probs is ProbabilityMatrix {
  return isMatrix(probs) && (probs[0]?.length ?? 0) >= 2;
}

/**
 * Turns class probabilities `[n, c]` into the most probable classes `[n]`.
 *
 * @throws TypeError for fewer than two classes, rows of different lengths, and probabilities that are not finite.
 * @see snorkel.utils.probs_to_preds
 */
export function probsToPreds(probs: ProbabilityMatrix, options: Partial<ProbsToPredsOptions> = {}): number[] {
  const defaults: ProbsToPredsOptions = { tieBreakPolicy: "random", tol: 1e-5 };
  const { tieBreakPolicy, tol } = mergeOptions("probsToPreds", defaults, options);
  oneOf("probsToPreds", "tieBreakPolicy", tieBreakPolicy, TIE_BREAK_POLICIES);
  number("probsToPreds", "tol", tol, { above: 0 });
  const classes = probs[0]?.length ?? 0;
  if (probs.length > 0 && !hasClasses(probs))
    throw expected("probsToPreds", "rows of at least 2 classes", "probs", probs[0]);

  return Array.from(probs, (row, index) => {
    if (row.length !== classes) throw expected("probsToPreds", `${classes} classes`, `probs[${index}]`, row);
    const tied = classesAtTheTop(row, tol);
    const [first] = tied;
    if (first === undefined)
      throw expected("probsToPreds", "finite numbers", `probs[${index}]`, Array.from(row).join(", "));
    if (tied.length === 1) return first;
    if (tieBreakPolicy === "abstain") return -1;
    const choice =
      tieBreakPolicy === "random" ? hashModulo(index, tied.length) : Math.floor(Math.random() * tied.length);
    return tied[choice] ?? first;
  });
}

/** Empty where a probability is NaN or the greatest one is infinite. */
function classesAtTheTop(row: LabelArray, tol: number): number[] {
  const values = Array.from(row);
  const greatest = values.reduce((a, b) => Math.max(a, b));
  return values.flatMap((value, label) => (greatest - value < tol ? [label] : []));
}

/** Snorkel's deterministic draw: the SHA-1 of the decimal index, read as one big-endian number, modulo `count`. */
function hashModulo(index: number, count: number): number {
  const digest = createHash("sha1").update(String(index)).digest();
  return digest.reduce((remainder, byte) => (remainder * 256 + byte) % count, 0);
}

/**
 * Turns predictions `[n]` or `[n, 1]` into rows `[n, numClasses]` with 1 at the predicted class and 0 elsewhere.
 *
 * @throws TypeError for a prediction that is none of the classes, an abstain (-1) included.
 * @see snorkel.utils.preds_to_probs
 */
export function predsToProbs(preds: ScoringArray, numClasses: number): number[][] {
  number("predsToProbs", "numClasses", numClasses, { min: 1, integer: true });
  return toIntLabelArray(preds).map((label) => {
    if (label < 0 || label >= numClasses)
      throw expected("predsToProbs", `classes from 0 to ${numClasses - 1}`, "preds", label);
    return Array.from({ length: numClasses }, (_, column) => (column === label ? 1 : 0));
  });
}
