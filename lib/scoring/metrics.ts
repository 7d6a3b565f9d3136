import { expected, unknownName } from "../errors.ts";
import { isPlainObject, mergeOptions, number, oneOf } from "../options.ts";
import { alignedLength, type ScoringArray } from "./arrays.ts";
import { type InputName, type Inputs, readInputs } from "./inputs.ts";
import {
  accuracy,
  averageOf,
  balancedAccuracy,
  cohenKappa,
  hammingLoss,
  matthewsCorrelation,
  ofPositives,
  type Ratio,
  ratios,
} from "./label-metrics.ts";
import { brierScore, logLoss, topKAccuracy } from "./probability-metrics.ts";
import {
  averageOfRanking,
  averagePrecision,
  ofTwoClasses,
  oneAgainstOne,
  type Ranking,
  rocArea,
} from "./ranking-metrics.ts";
import * as regression from "./regression-metrics.ts";

interface Metric {
  /** What the metric cannot do without. The first is what data points are counted by. */
  inputs: readonly InputName[];
  /** Called with at least one data point. */
  score: (inputs: Inputs) => number;
}

const ofLabels = (score: Metric["score"]): Metric => ({ inputs: ["golds", "preds"], score });
const ofOutputs = (score: Metric["score"]): Metric => ({ inputs: ["golds", "probs"], score });

function averaged<Name extends string>(name: Name, ratio: Ratio) {
  return {
    [`${name}_micro`]: ofLabels(averageOf(ratio, "micro")),
    [`${name}_macro`]: ofLabels(averageOf(ratio, "macro")),
    [`${name}_weighted`]: ofLabels(averageOf(ratio, "weighted")),
    [`${name}_samples`]: ofLabels(averageOf(ratio, "samples")),
  } as Record<`${Name}_${"micro" | "macro" | "weighted" | "samples"}`, Metric>;
}

function averagedRanking<Name extends string>(name: Name, ranking: Ranking) {
  return {
    [`${name}_micro`]: ofOutputs(averageOfRanking(ranking, "micro")),
    [`${name}_macro`]: ofOutputs(averageOfRanking(ranking, "macro")),
    [`${name}_weighted`]: ofOutputs(averageOfRanking(ranking, "weighted")),
    [`${name}_samples`]: ofOutputs(averageOfRanking(ranking, "samples")),
  } as Record<`${Name}_${"micro" | "macro" | "weighted" | "samples"}`, Metric>;
}

const METRICS = {
  accuracy: ofLabels(accuracy),
  coverage: { inputs: ["preds"], score: coverage },
  precision: ofLabels(ofPositives(ratios.precision)),
  recall: ofLabels(ofPositives(ratios.recall)),
  f1: ofLabels(ofPositives(ratios.f1, { max: 1 })),
  ...averaged("f1", ratios.f1),
  fbeta: ofLabels(ofPositives(ratios.fbeta)),
  matthews_corrcoef: ofLabels(matthewsCorrelation),
  roc_auc: ofOutputs(ofTwoClasses(rocArea, "greater")),

  ...averaged("precision", ratios.precision),
  ...averaged("recall", ratios.recall),
  ...averaged("fbeta", ratios.fbeta),
  jaccard: ofLabels(ofPositives(ratios.jaccard)),
  ...averaged("jaccard", ratios.jaccard),
  hamming_loss: ofLabels(hammingLoss),
  balanced_accuracy: ofLabels(balancedAccuracy),
  cohen_kappa: ofLabels(cohenKappa),

  ...averagedRanking("roc_auc", rocArea),
  roc_auc_ovo_macro: ofOutputs(oneAgainstOne(false)),
  roc_auc_ovo_weighted: ofOutputs(oneAgainstOne(true)),
  average_precision: ofOutputs(ofTwoClasses(averagePrecision, 1)),
  ...averagedRanking("average_precision", averagePrecision),
  log_loss: ofOutputs(logLoss),
  brier_score: ofOutputs(brierScore),
  top_k_accuracy: ofOutputs(topKAccuracy),

  mae: ofOutputs(regression.meanAbsoluteError),
  mse: ofOutputs(regression.meanSquaredError),
  rmse: ofOutputs(regression.rootMeanSquaredError),
  median_absolute_error: ofOutputs(regression.medianAbsoluteError),
  mape: ofOutputs(regression.meanAbsolutePercentageError),
  max_error: ofOutputs(regression.maxError),
  r2: ofOutputs(regression.r2),
  explained_variance: ofOutputs(regression.explainedVariance),
} satisfies Record<string, Metric>;

/**
 * A metric that is built in. Names keep Snorkel's spelling, because they become parts of metric keys.
 * @useDeclaredType
 */
export type MetricName = keyof typeof METRICS;

/** The names of the built-in metrics. */
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** What single metrics ask for. */
export interface MetricSettings {
  /** For `fbeta` and its averages: how many times as much recall counts as precision; not negative. Default 1: F1. */
  beta: number;
  /** For `top_k_accuracy`: how many of the most probable classes count. Default 2. */
  k: number;
}

export const metricSettings: MetricSettings = { beta: 1, k: 2 };

/** @throws TypeError for a setting that is out of its range. */
export function checkSettings(where: string, { beta, k }: MetricSettings): void {
  number(where, "beta", beta, { min: 0 });
  number(where, "k", k, { min: 1, integer: true });
}

export interface MetricScoreOptions extends MetricSettings {
  /** Which metric. Default `"accuracy"`. */
  metric: MetricName;
  /**
   * What is left out: data points with one of these values in `"golds"`, `"preds"` or `"probs"`; of a data point with
   * several labels, those labels alone. Default none.
   */
  filterDict: { [Name in InputName]?: readonly number[] } | undefined;
}

/**
 * Scores predictions by a metric, as scikit-learn defines it. Where a class was never predicted, or is never there, a
 * ratio that is undefined for it is 0; an undefined area is NaN; the first time, a process warning says so. Where there is no
 * data point to score, because none was given or the filter left none, the score is NaN.
 *
 * What each metric needs and means: docs/metrics.md.
 *
 * @param golds the true labels: integers `[n]` or `[n, 1]`, 0 and 1 for each of several labels `[n, labels]`, or real
 * numbers `[n]` or `[n, outputs]`.
 * @param preds the predicted labels: integers `[n]` or `[n, 1]`, 0 and 1 `[n, labels]`.
 * @param probs what a task gives: the probabilities of classes or labels `[n, c]`, that of class 1 `[n]` or `[n, 1]`, or
 * real numbers as golds.
 * @throws TypeError for an input that the metric needs and did not get, labels that are not integers, inputs of
 * different lengths, and labels of more than two classes where the metric is for two.
 * @see snorkel.analysis.metric_score
 */
export function metricScore(
  golds?: ScoringArray,
  preds?: ScoringArray,
  probs?: ScoringArray,
  options: Partial<MetricScoreOptions> = {},
): number {
  const where = "metricScore";
  const defaults: MetricScoreOptions = { metric: "accuracy", filterDict: undefined, ...metricSettings };
  const { metric, filterDict = {}, beta, k } = mergeOptions(where, defaults, options);
  const { inputs, score }: Metric = METRICS[oneOf(where, "metric", metric, METRIC_NAMES)];
  checkSettings(where, { beta, k });
  checkFilter(where, filterDict);

  const given = { golds, preds, probs };
  for (const name of inputs) {
    if (given[name] !== undefined) continue;
    throw expected(where, `an array (metric ${metric} needs it)`, name, undefined, remedy(name));
  }
  alignedLength(where, given);
  const read = readInputs(metric, given, inputs, filterDict, { beta, k });
  return read.isEmpty ? Number.NaN : score(read);
}

function checkFilter(where: string, filterDict: unknown): void {
  if (!isPlainObject(filterDict)) throw expected(where, "an object of arrays", "filterDict", filterDict);
  for (const name of Object.keys(filterDict)) {
    if (!["golds", "preds", "probs"].includes(name))
      throw unknownName(where, "a key of filterDict", name, ["golds", "preds", "probs"]);
  }
}

function remedy(name: InputName): string | undefined {
  if (name !== "preds") return undefined;
  return 'Outputs of one number have no predictions: let the task be of kind "multilabel", or take metrics of probs, such as mae';
}

/** The share of predictions that are no abstains. */
function coverage({ preds: { data } }: Inputs): number {
  let covered = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== -1) covered++;
  return covered / data.length;
}
