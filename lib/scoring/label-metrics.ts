import { expected } from "../errors.ts";
import { type Counts, countClasses, countEntries, total, visitEntries } from "./counts.ts";
import type { Inputs } from "./inputs.ts";
import { warnUndefined } from "./undefined.ts";

/** How the ratios of several classes, labels or rows become one number. */
export const averages = ["micro", "macro", "weighted", "samples"] as const;
export type Average = (typeof averages)[number];

/** A number of one class; NaN where it is undefined. */
export interface Ratio {
  of: (truePositives: number, predicted: number, actual: number, beta: number) => number;
  /** What a class has for which it is undefined. */
  undefinedFor: string;
}

export const ratios = {
  precision: { of: (hits, predicted) => hits / predicted, undefinedFor: "no predictions" },
  recall: { of: (hits, _, actual) => hits / actual, undefinedFor: "no golds" },
  f1: {
    of: (hits, predicted, actual) => (2 * hits) / (actual + predicted),
    undefinedFor: "neither golds nor predictions",
  },
  fbeta: {
    of: (hits, predicted, actual, beta) => ((1 + beta ** 2) * hits) / (beta ** 2 * actual + predicted),
    undefinedFor: "neither golds nor predictions",
  },
  jaccard: {
    of: (hits, predicted, actual) => hits / (actual + predicted - hits),
    undefinedFor: "neither golds nor predictions",
  },
} as const satisfies Record<string, Ratio>;

/** The ratio of each class; 0 with a warning where it is undefined. */
export function ratiosOf(metric: string, ratio: Ratio, counts: Counts, beta: number): Float64Array {
  const { labels, truePositives, predicted, actual } = counts;
  const one = metric.endsWith("_samples") ? "a data point" : "a class";
  return labels.map((_, i) => {
    const value = ratio.of(truePositives[i] as number, predicted[i] as number, actual[i] as number, beta);
    if (!Number.isNaN(value)) return value;
    warnUndefined(metric, `${one} has ${ratio.undefinedFor}: the metric is undefined for it and counts as 0`);
    return 0;
  });
}

/** The ratio of class 1, of classes 0 and 1. */
export function ofPositives(
  ratio: Ratio,
  { max = Number.POSITIVE_INFINITY } = {},
): (inputs: Inputs) => number {
  return (inputs) => {
    const counts = countClasses(inputs);
    const { labels } = counts;
    const isOdd = labels.length > 2 || (labels.length === 2 && !labels.includes(1));
    if (isOdd || labels.some((label) => label > max)) {
      const other = labels.find((label) => label !== 0 && label !== 1);
      const { metric } = inputs;
      const instead = `For other labels take ${metric}_micro, ${metric}_macro or ${metric}_weighted`;
      throw expected(metric, "the labels 0 and 1", "golds and preds", other, instead);
    }
    const position = labels.indexOf(1);
    const at = (values: Float64Array) => Float64Array.of(position < 0 ? 0 : (values[position] as number));
    const positive: Counts = {
      labels: Float64Array.of(1),
      truePositives: at(counts.truePositives),
      predicted: at(counts.predicted),
      actual: at(counts.actual),
    };
    return ratiosOf(inputs.metric, ratio, positive, inputs.beta)[0] as number;
  };
}

/** The average of a ratio over classes, or over the labels or rows of a multi-label problem. */
export function averageOf(ratio: Ratio, average: Average): (inputs: Inputs) => number {
  return (inputs) => averageRatio(inputs.metric, ratio, countsFor(inputs, average), average, inputs.beta);
}

export function averageRatio(
  metric: string,
  ratio: Ratio,
  counts: Counts,
  average: Average,
  beta = 1,
): number {
  const values = ratiosOf(metric, ratio, average === "micro" ? total(counts) : counts, beta);
  return weightedMean(values, average === "weighted" ? counts.actual : null);
}

export function countsFor(inputs: Inputs, average: Average): Counts {
  if (inputs.golds.width > 1) return countEntries(inputs, average === "samples" ? "row" : "label");
  if (average !== "samples") return countClasses(inputs);
  const instead = "An average over data points is for several labels of 0 and 1 each";
  throw expected(inputs.metric, "several labels per row", "golds", inputs.golds.width, instead);
}

/** The mean, weighted unless all weights are 0. */
export function weightedMean(values: Float64Array, weights: Float64Array | null): number {
  const weight = (i: number) => (weights === null ? 1 : (weights[i] as number));
  const sum = values.reduce((all, _, i) => all + weight(i), 0);
  if (sum === 0 && weights !== null) return weightedMean(values, null);
  return values.reduce((all, value, i) => all + value * weight(i), 0) / sum;
}

/** The share of data points that are right: in all their labels, where they have several. */
export function accuracy(inputs: Inputs): number {
  if (inputs.golds.width === 1) {
    const { truePositives, actual } = total(countClasses(inputs));
    return (truePositives[0] as number) / (actual[0] as number);
  }
  const isWrong = new Uint8Array(inputs.golds.rows);
  const isKnown = new Uint8Array(inputs.golds.rows);
  visitEntries(inputs, (gold, pred, row) => {
    isKnown[row] = 1;
    if (gold !== pred) isWrong[row] = 1;
  });
  const sum = (flags: Uint8Array) => flags.reduce((all, flag) => all + flag, 0);
  return (sum(isKnown) - sum(isWrong)) / sum(isKnown);
}

/** The share of labels that are wrong. */
export function hammingLoss(inputs: Inputs): number {
  if (inputs.golds.width === 1) return 1 - accuracy(inputs);
  let [known, wrong] = [0, 0];
  visitEntries(inputs, (gold, pred) => {
    known += 1;
    if (gold !== pred) wrong += 1;
  });
  return wrong / known;
}

/** The mean recall of the classes that golds have. */
export function balancedAccuracy(inputs: Inputs): number {
  const { truePositives, actual } = countClasses(inputs);
  const recalls = truePositives.map((hits, i) => hits / (actual[i] as number));
  const defined = recalls.filter((recall) => !Number.isNaN(recall));
  if (defined.length < recalls.length)
    warnUndefined(inputs.metric, "preds have classes that golds do not: they are left out");
  return weightedMean(defined, null);
}

/** How much golds and preds agree beyond chance; NaN where they have a single class, the same one. */
export function cohenKappa(inputs: Inputs): number {
  const counts = countClasses(inputs);
  const { rows, hits, byChance } = agreement(counts);
  if (byChance === rows * rows) {
    warnUndefined(inputs.metric, "golds and preds are all of one class: the metric is NaN");
    return Number.NaN;
  }
  return 1 - ((rows - hits) * rows) / (rows * rows - byChance);
}

/** Matthews' correlation of golds and preds, in Gorodkin's form for any number of classes; 0 where undefined. */
export function matthewsCorrelation(inputs: Inputs): number {
  const { rows, hits, byChance, predictedSquared, actualSquared } = agreement(countClasses(inputs));
  const covariance = hits * rows - byChance;
  const variances = (rows * rows - predictedSquared) * (rows * rows - actualSquared);
  return variances === 0 ? 0 : covariance / Math.sqrt(variances);
}

function agreement({ truePositives, predicted, actual }: Counts) {
  const sums = { rows: 0, hits: 0, byChance: 0, predictedSquared: 0, actualSquared: 0 };
  for (let i = 0; i < actual.length; i++) {
    const [p, a] = [predicted[i] as number, actual[i] as number];
    sums.rows += a;
    sums.hits += truePositives[i] as number;
    sums.byChance += p * a;
    sums.predictedSquared += p * p;
    sums.actualSquared += a * a;
  }
  return sums;
}
