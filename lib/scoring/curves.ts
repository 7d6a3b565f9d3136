import { expected } from "../errors.ts";
import { boolean, mergeOptions, number } from "../options.ts";
import { alignedLength, type ScoringArray } from "./arrays.ts";
import { index } from "./counts.ts";
import { checkFinite, classLabels, readInputs } from "./inputs.ts";
import { countThresholds, splitScores, type ThresholdCounts } from "./thresholds.ts";
import { warnUndefined } from "./undefined.ts";

/** Options of {@link rocCurve} and {@link precisionRecallCurve}. */
export interface CurveOptions {
  /** The label of the positives; all others are negatives. Default 1, and then golds must be 0 and 1. */
  posLabel: number | undefined;
  /** Whether points that do not show in a plot are left out. Default true for `rocCurve`, false for the other. */
  dropIntermediate: boolean;
  /** Data points with this gold label are left out; `null` leaves out none. Default -1. */
  abstainLabel: number | null;
}

/** A curve by threshold, descending, from above the greatest score on. */
export interface RocCurve {
  /** The share of negatives whose score is the threshold or above. */
  fpr: Float64Array;
  /** The share of positives whose score is the threshold or above. */
  tpr: Float64Array;
  thresholds: Float64Array;
}

/** A curve by threshold, ascending; precision and recall have one more point, 1 and 0. */
export interface PrecisionRecallCurve {
  precision: Float64Array;
  recall: Float64Array;
  thresholds: Float64Array;
}

/**
 * True positives over false positives, for each threshold that matters.
 *
 * @param golds labels `[n]` or `[n, 1]`.
 * @param scores one number per data point, greater for what is likelier positive: `[n]` or `[n, 1]`; of `[n, 2]`, as
 * `predict` gives for two classes, the second column.
 * @returns `fpr` is NaN, with a warning, where there are no negatives; `tpr` where there are no positives.
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_curve.html
 */
export function rocCurve(
  golds: ScoringArray,
  scores: ScoringArray,
  options: Partial<CurveOptions> = {},
): RocCurve {
  const { counts, dropIntermediate } = readCurve("rocCurve", golds, scores, true, options);
  // A point goes where it lies on the line through its neighbours.
  const isCorner = (values: Float64Array, i: number) =>
    (values[i + 1] as number) - 2 * (values[i] as number) + (values[i - 1] as number) !== 0;
  const { truePositives, falsePositives, thresholds } = dropIntermediate
    ? keepPoints(
        counts,
        ({ truePositives, falsePositives }, i) => isCorner(falsePositives, i) || isCorner(truePositives, i),
      )
    : counts;
  return {
    fpr: shares("rocCurve", "negatives", [0], falsePositives),
    tpr: shares("rocCurve", "positives", [0], truePositives),
    thresholds: joined([Number.POSITIVE_INFINITY], thresholds),
  };
}

/**
 * Precision over recall, for each threshold.
 *
 * @param golds labels `[n]` or `[n, 1]`.
 * @param scores as for `rocCurve`.
 * @returns recall is 1, with a warning, where there are no positives.
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_recall_curve.html
 */
export function precisionRecallCurve(
  golds: ScoringArray,
  scores: ScoringArray,
  options: Partial<CurveOptions> = {},
): PrecisionRecallCurve {
  const where = "precisionRecallCurve";
  const { counts, dropIntermediate } = readCurve(where, golds, scores, false, options);
  // Points of one recall lie above each other: the first and the last are enough.
  const { truePositives, falsePositives, thresholds } = dropIntermediate
    ? keepPoints(counts, ({ truePositives: tp }, i) => tp[i] !== tp[i - 1] || tp[i] !== tp[i + 1])
    : counts;
  const positives = truePositives.at(-1) ?? 0;
  if (positives === 0) warnUndefined(where, "golds have no positives: recall is 1 for each threshold");
  const precision = truePositives.map((tp, i) => tp / (tp + (falsePositives[i] as number)));
  const recall = truePositives.map((tp) => (positives === 0 ? 1 : tp / positives));
  return {
    precision: joined(precision.reverse(), [1]),
    recall: joined(recall.reverse(), [0]),
    thresholds: thresholds.slice().reverse(),
  };
}

/**
 * The area under a curve, by the trapezoidal rule.
 *
 * @param x ascending or descending, at least two numbers.
 * @param y as many.
 */
export function auc(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const length = alignedLength("auc", { x, y });
  if (length < 2) throw expected("auc", "at least two points", "x", length);
  let [area, ascends, descends] = [0, false, false];
  for (let i = 1; i < length; i++) {
    const step = (x[i] as number) - (x[i - 1] as number);
    if (step > 0) ascends = true;
    if (step < 0) descends = true;
    area += (step * ((y[i] as number) + (y[i - 1] as number))) / 2;
  }
  if (ascends && descends) throw expected("auc", "numbers that ascend or descend", "x", x);
  return descends ? -area : area;
}

function readCurve(
  where: string,
  golds: ScoringArray,
  scores: ScoringArray,
  dropsByDefault: boolean,
  options: Partial<CurveOptions>,
) {
  const defaults: CurveOptions = { posLabel: undefined, dropIntermediate: dropsByDefault, abstainLabel: -1 };
  const { posLabel, dropIntermediate, abstainLabel } = mergeOptions(where, defaults, options);
  boolean(where, "dropIntermediate", dropIntermediate);
  if (posLabel !== undefined) number(where, "posLabel", posLabel, { integer: true });
  if (abstainLabel !== null) number(where, "abstainLabel", abstainLabel, { integer: true });
  alignedLength(where, { golds, scores });
  const filter = abstainLabel === null ? {} : { golds: [abstainLabel] };
  const inputs = readInputs(where, { golds, probs: scores }, ["golds", "probs"], filter, { beta: 1, k: 1 });
  const labels = classLabels(where, "golds", inputs.golds);
  const { data, width, rows } = inputs.probs;
  if (rows === 0) throw expected(where, "at least one label", "golds", rows);
  if (width > 2) throw expected(where, "one number per data point", "scores", width);
  checkFinite(where, "probs", inputs.probs);
  const odd = index(labels).labels.find((label) => label !== 1 && label !== 0 && label !== -1);
  if (posLabel === undefined && odd !== undefined)
    throw expected(where, "the labels 0 and 1", "golds", odd, "Say which is positive with posLabel");
  const split = splitScores(
    rows,
    (row) => Number(labels[row] === (posLabel ?? 1)),
    (row) => data[row * width + width - 1] as number,
  );
  return { counts: countThresholds(split), dropIntermediate };
}

/** The first and the last point, and those in between that are to be kept. */
function keepPoints(
  counts: ThresholdCounts,
  isKept: (counts: ThresholdCounts, i: number) => boolean,
): ThresholdCounts {
  const last = counts.thresholds.length - 1;
  const keep = (values: Float64Array) => values.filter((_, i) => i === 0 || i === last || isKept(counts, i));
  return {
    thresholds: keep(counts.thresholds),
    truePositives: keep(counts.truePositives),
    falsePositives: keep(counts.falsePositives),
  };
}

function shares(where: string, what: string, start: readonly number[], counts: Float64Array): Float64Array {
  const all = counts.at(-1) as number;
  if (all === 0) warnUndefined(where, `golds have no ${what}: their share is NaN`);
  return joined(start, counts).map((count) => (all === 0 ? Number.NaN : count / all));
}

function joined(first: ArrayLike<number>, second: ArrayLike<number>): Float64Array {
  const values = new Float64Array(first.length + second.length);
  values.set(first);
  values.set(second, first.length);
  return values;
}
