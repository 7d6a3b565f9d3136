import { expected, unknownName } from "../errors.ts";
import { isPlainObject, mergeOptions, number, oneOf } from "../options.ts";
import { alignedLength, type ProbabilityMatrix, type ScoringArray } from "./arrays.ts";
import {
  type ClassCounts,
  countClasses,
  fbeta,
  matthewsCorrelation,
  precision,
  recall,
  total,
} from "./confusion.ts";
import { filterLabels, toIntLabelArray } from "./labels.ts";
import { rocAuc } from "./roc-auc.ts";

type InputName = "golds" | "preds" | "probs";

interface Inputs {
  golds: number[];
  preds: number[];
  probs: ProbabilityMatrix;
  beta: number;
}

interface Metric {
  /** What the metric cannot do without. */
  inputs: readonly InputName[];
  /** Called with at least one row. What is not among `inputs` may be empty. */
  score: (inputs: Inputs) => number;
}

const ofLabels = (score: Metric["score"]): Metric => ({ inputs: ["golds", "preds"], score });

const METRICS = {
  accuracy: ofLabels(({ golds, preds }) => total(countClasses(golds, preds)).truePositives / golds.length),
  coverage: {
    inputs: ["preds"],
    score: ({ preds }) => preds.filter((pred) => pred !== -1).length / preds.length,
  },
  precision: ofLabels((inputs) => precision(positiveClass("precision", inputs))),
  recall: ofLabels((inputs) => recall(positiveClass("recall", inputs))),
  f1: ofLabels((inputs) => fbeta(positiveClass("f1", inputs, { max: 1 }), 1)),
  f1_micro: ofLabels(({ golds, preds }) => fbeta(total(countClasses(golds, preds)), 1)),
  f1_macro: ofLabels(({ golds, preds }) =>
    mean([...countClasses(golds, preds).values()].map((of) => fbeta(of, 1))),
  ),
  fbeta: ofLabels((inputs) => fbeta(positiveClass("fbeta", inputs), inputs.beta)),
  matthews_corrcoef: ofLabels(({ golds, preds }) => matthewsCorrelation(countClasses(golds, preds))),
  roc_auc: { inputs: ["golds", "probs"], score: ({ golds, probs }) => rocAuc(golds, probs) },
} satisfies Record<string, Metric>;

/** A metric that is built in. Names keep Snorkel's spelling, because they become parts of metric keys. */
export type MetricName = keyof typeof METRICS;

/** The names of the built-in metrics. */
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

export interface MetricScoreOptions {
  /** Which metric. Default `"accuracy"`. */
  metric: MetricName;
  /** Labels whose data points are left out, by `"golds"`, `"preds"` or `"probs"` (see `filterLabels`). Default none. */
  filterDict: { [Name in InputName]?: readonly number[] } | undefined;
  /** For `fbeta`: how many times as much recall counts as precision; not negative. Default 1, which is F1. */
  beta: number;
}

/**
 * Scores predictions by a metric, as scikit-learn defines it. A ratio that is undefined because its class was never
 * predicted, or never there, is 0; so is an undefined correlation. Where there is no data point to score, because none
 * was given or the filter left none, the score is NaN; so is `roc_auc` where golds hold a single class.
 *
 * @param golds the true labels, integers, `[n]` or `[n, 1]`.
 * @param preds the predicted labels, integers, `[n]` or `[n, 1]`.
 * @param probs the probabilities of the classes, `[n, c]`.
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
  const defaults: MetricScoreOptions = { metric: "accuracy", filterDict: undefined, beta: 1 };
  const { metric, filterDict = {}, beta } = mergeOptions(where, defaults, options);
  const { inputs, score }: Metric = METRICS[oneOf(where, "metric", metric, METRIC_NAMES)];
  number(where, "beta", beta, { min: 0 });
  checkFilter(where, filterDict);

  const given = { golds, preds, probs };
  for (const name of inputs) {
    if (given[name] !== undefined) continue;
    throw expected(where, `an array (metric ${metric} needs it)`, name, undefined, remedy(name));
  }
  alignedLength(where, given);
  const needed = (name: InputName) => inputs.includes(name) || filterDict[name] !== undefined;
  const rows = filterLabels(
    {
      golds: golds && needed("golds") ? toIntLabelArray(golds) : undefined,
      preds: preds && needed("preds") ? toIntLabelArray(preds) : undefined,
      probs: probs && needed("probs") ? asRows(probs) : undefined,
    },
    filterDict,
  );
  if (inputs.some((name) => rows[name]?.length === 0)) return Number.NaN;
  return score({ golds: rows.golds ?? [], preds: rows.preds ?? [], probs: rows.probs ?? [], beta });
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
  return "Outputs without at least two classes have no predictions: score them with customMetricFuncs";
}

/** A number per data point is a row of one. */
function asRows(probs: ScoringArray): ArrayLike<number>[] {
  return Array.from<number | ArrayLike<number>, ArrayLike<number>>(probs, (row) =>
    typeof row === "number" ? [row] : row,
  );
}

/** The counts of class 1, for the metrics that are about two classes of which 1 is the positive one. */
function positiveClass(
  metric: string,
  { golds, preds }: Inputs,
  { max = Number.POSITIVE_INFINITY } = {},
): ClassCounts {
  const counts = countClasses(golds, preds);
  const labels = [...counts.keys()];
  if (labels.length > 2 || (labels.length === 2 && !counts.has(1)) || labels.some((label) => label > max)) {
    const other = labels.find((label) => label !== 0 && label !== 1);
    const instead = "For other labels take accuracy, f1_micro, f1_macro or matthews_corrcoef";
    throw expected(metric, "the labels 0 and 1", "golds and preds", other, instead);
  }
  return counts.get(1) ?? { truePositives: 0, predicted: 0, actual: 0 };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
