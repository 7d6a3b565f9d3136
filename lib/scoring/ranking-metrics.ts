import { expected } from "../errors.ts";
import { bit, index } from "./counts.ts";
import { type Columns, checkFinite, classLabels, type Inputs } from "./inputs.ts";
import { type Average, weightedMean } from "./label-metrics.ts";
import { countThresholds, type SplitScores, splitScores } from "./thresholds.ts";
import { warnUndefined } from "./undefined.ts";

/** A metric of scores by which data points are ranked, of two classes. */
export type Ranking = (metric: string, scores: SplitScores) => number;

/**
 * The area under the receiver operating characteristic: the chance that a positive data point has a greater score than a
 * negative one, ties counting half. NaN where there is a single class.
 */
export const rocArea: Ranking = (metric, scores) => {
  const pairs = scores.positives.length * scores.negatives.length;
  if (pairs === 0) {
    warnUndefined(metric, "golds are all positive or all negative: the metric is undefined, NaN");
    return Number.NaN;
  }
  const { truePositives, falsePositives } = countThresholds(scores);
  let [inOrder, tp, fp] = [0, 0, 0];
  for (let i = 0; i < truePositives.length; i++) {
    const [nextTp, nextFp] = [truePositives[i] as number, falsePositives[i] as number];
    inOrder += ((nextFp - fp) * (tp + nextTp)) / 2;
    [tp, fp] = [nextTp, nextFp];
  }
  return inOrder / pairs;
};

/** The mean of the precisions at each threshold, weighted by the recall that it adds. 0 where nothing is positive. */
export const averagePrecision: Ranking = (metric, scores) => {
  const positives = scores.positives.length;
  if (positives === 0) {
    warnUndefined(metric, "a class has no golds: the metric is undefined for it and counts as 0");
    return 0;
  }
  const { truePositives, falsePositives } = countThresholds(scores);
  let [sum, before] = [0, 0];
  for (let i = 0; i < truePositives.length; i++) {
    const tp = truePositives[i] as number;
    sum += ((tp - before) / positives) * (tp / (tp + (falsePositives[i] as number)));
    before = tp;
  }
  return sum;
};

/** Of two classes, the greater of which is the positive one; or 1, where `positive` says so. */
export function ofTwoClasses(ranking: Ranking, positive: 1 | "greater"): (inputs: Inputs) => number {
  return (inputs) => {
    const { metric, probs } = inputs;
    const golds = classLabels(metric, "golds", inputs.golds);
    const several = `For more classes take ${metric}_macro, ${metric}_weighted or ${metric}_micro`;
    if (probs.width > 2) throw expected(metric, "two columns", "probs", probs.width, several);
    checkFinite(metric, "probs", probs);
    const { labels } = index(golds);
    if (labels.length > 2) throw expected(metric, "two classes", "golds", labels.length, several);
    if (positive === 1 && labels.length === 2 && !labels.includes(1))
      throw expected(metric, "the labels 0 and 1", "golds", labels[0] === 0 ? labels[1] : labels[0]);
    const label = positive === 1 ? 1 : (labels[1] ?? Number.NaN);
    const last = probs.width - 1;
    return ranking(
      metric,
      splitScores(
        probs.rows,
        (row) => Number(golds[row] === label),
        (row) => probs.data[row * probs.width + last] as number,
      ),
    );
  };
}

/**
 * The average over several labels of 0 and 1, or over classes, each against the rest. For "samples" over data points; for
 * "micro" all entries are ranked together.
 */
export function averageOfRanking(ranking: Ranking, average: Average): (inputs: Inputs) => number {
  return (inputs) => {
    const { rows, width, kindOf, scoreOf } = entriesOf(inputs);
    if (average === "samples" && inputs.golds.width === 1) {
      const instead = "An average over data points is for several labels of 0 and 1 each";
      throw expected(inputs.metric, "several labels per row", "golds", inputs.golds.width, instead);
    }
    if (average === "micro") return ranking(inputs.metric, splitScores(rows * width, kindOf, scoreOf));
    const splits =
      average === "samples"
        ? Array.from({ length: rows }, (_, row) =>
            splitScores(
              width,
              (i) => kindOf(row * width + i),
              (i) => scoreOf(row * width + i),
            ),
          ).filter(({ positives, negatives }) => positives.length + negatives.length > 0)
        : Array.from({ length: width }, (_, column) =>
            splitScores(
              rows,
              (i) => kindOf(i * width + column),
              (i) => scoreOf(i * width + column),
            ),
          );
    if (average !== "weighted")
      return weightedMean(
        Float64Array.from(splits, (split) => ranking(inputs.metric, split)),
        null,
      );
    const weights = Float64Array.from(splits, ({ positives }) => positives.length);
    // What has no positives has no weight, whatever its score.
    const scores = Float64Array.from(splits, (split, i) =>
      weights[i] === 0 ? 0 : ranking(inputs.metric, split),
    );
    return weights.some((weight) => weight > 0) ? weightedMean(scores, weights) : 0;
  };
}

/** The entries of probs, row by row: whether each is a positive (1), a negative (0) or unknown, and its score. */
function entriesOf(inputs: Inputs) {
  const { metric, golds, probs, missing } = inputs;
  const { rows, width } = probs;
  checkFinite(metric, "probs", probs);
  const scoreOf = (i: number) => probs.data[i] as number;
  if (golds.width > 1) {
    if (golds.width !== width)
      throw expected(metric, `${golds.width} columns, one per label,`, "probs", width);
    const kindOf = (i: number) => (missing?.[i] === 1 ? -1 : bit(metric, "golds", golds.data[i]));
    return { rows, width, kindOf, scoreOf };
  }
  const labels = classesOf(inputs);
  // A single column is that of class 1.
  const kindOf = (i: number) =>
    Number(width === 1 ? labels[i] === 1 : labels[Math.floor(i / width)] === i % width);
  return { rows, width, kindOf, scoreOf };
}

/** The classes of golds, which are columns of probs. @throws TypeError for another. */
export function classesOf({ metric, golds, probs }: Inputs): ArrayLike<number> {
  const labels = classLabels(metric, "golds", golds);
  const classes = Math.max(2, probs.width);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (label >= 0 && label < classes) continue;
    throw expected(metric, `classes from 0 to ${classes - 1}, the columns of probs,`, "golds", label);
  }
  return labels;
}

/**
 * The average over all pairs of classes of how well each is told from the other, as Hand and Till define it; weighted
 * by how many data points a pair has, or not. Source: "A Simple Generalisation of the Area Under the ROC Curve for
 * Multiple Class Classification Problems", 2001.
 */
export function oneAgainstOne(isWeighted: boolean): (inputs: Inputs) => number {
  return (inputs) => {
    const { metric, probs } = inputs;
    checkFinite(metric, "probs", probs);
    const golds = classesOf(inputs);
    const { labels } = index(golds);
    if (probs.width < 2) throw expected(metric, "a column per class", "probs", probs.width);
    const members = Array.from(labels, (label) => rowsOf(golds, label));
    const scores: number[] = [];
    const weights: number[] = [];
    for (const [i, a] of labels.entries()) {
      for (const [j, b] of labels.entries()) {
        if (j <= i) continue;
        const [ofA, ofB] = [members[i] as Int32Array, members[j] as Int32Array];
        const first = rocArea(metric, {
          positives: columnOf(probs, ofA, a),
          negatives: columnOf(probs, ofB, a),
        });
        const second = rocArea(metric, {
          positives: columnOf(probs, ofB, b),
          negatives: columnOf(probs, ofA, b),
        });
        scores.push((first + second) / 2);
        weights.push(ofA.length + ofB.length);
      }
    }
    if (scores.length === 0)
      return rocArea(metric, { positives: new Float64Array(), negatives: new Float64Array() });
    return weightedMean(Float64Array.from(scores), isWeighted ? Float64Array.from(weights) : null);
  };
}

function rowsOf(golds: ArrayLike<number>, label: number): Int32Array {
  const rows = new Int32Array(golds.length);
  let count = 0;
  for (let row = 0; row < golds.length; row++) if (golds[row] === label) rows[count++] = row;
  return rows.subarray(0, count);
}

function columnOf({ data, width }: Columns, rows: Int32Array, column: number): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = data[(rows[i] as number) * width + column] as number;
  return values;
}
