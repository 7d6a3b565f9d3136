import { expected } from "../errors.ts";
import { mergeOptions, number, oneOf } from "../options.ts";
import { alignedLength, type ScoringArray } from "./arrays.ts";
import { type Counts, countClasses, countEntries, index, total } from "./counts.ts";
import { classLabels, type Inputs, readInputs } from "./inputs.ts";
import { type Average, averageRatio, ratios, ratiosOf } from "./label-metrics.ts";

/** What {@link classificationReport} and {@link confusionMatrix} take beside labels. */
export interface ReportOptions {
  /** Names of the classes by their number, or of the labels by position. By default the numbers. */
  names: readonly string[] | undefined;
  /** As for a Scorer: what is left out, in golds or preds; `null` leaves out nothing. Default -1. */
  abstainLabel: number | null;
}

/** One class or label, or an average of all. */
export interface ReportRow {
  label: string;
  precision: number;
  recall: number;
  f1: number;
  /** How often golds have it. */
  support: number;
}

/**
 * Precision, recall and F1 of each class, or of each of several labels, and their averages: rows that `console.table`
 * prints. A ratio that is undefined is 0, with a warning the first time.
 *
 * @param golds integers `[n]` or `[n, 1]`, or 0 and 1 for each of several labels, `[n, labels]`.
 * @param preds of the same shape.
 * @returns a row for each class that golds or preds have, then `micro avg` (the accuracy, of classes), `macro avg` and
 * `weighted avg`; of several labels also `samples avg`.
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.classification_report.html
 */
export function classificationReport(
  golds: ScoringArray,
  preds: ScoringArray,
  options: Partial<ReportOptions> = {},
): ReportRow[] {
  const where = "classificationReport";
  const { inputs, names } = readReport(where, golds, preds, options);
  const isMultiLabel = inputs.golds.width > 1;
  const counts = isMultiLabel ? countEntries(inputs, "label") : countClasses(inputs);
  const { precision, recall, f1 } = ratios;
  const [precisions, recalls, f1s] = [precision, recall, f1].map((ratio) =>
    ratiosOf(where, ratio, counts, 1),
  );
  const classes = Array.from(counts.labels, (label, i) => ({
    label: names?.[label] ?? String(label),
    precision: precisions?.[i] as number,
    recall: recalls?.[i] as number,
    f1: f1s?.[i] as number,
    support: counts.actual[i] as number,
  }));
  const support = total(counts).actual[0] as number;
  const row = (average: Average, of: Counts): ReportRow => ({
    label: `${average} avg`,
    precision: averageRatio(where, precision, of, average),
    recall: averageRatio(where, recall, of, average),
    f1: averageRatio(where, f1, of, average),
    support,
  });
  const rows = [...classes, row("micro", counts), row("macro", counts), row("weighted", counts)];
  return isMultiLabel ? [...rows, row("samples", countEntries(inputs, "row"))] : rows;
}

/** How often data points of each class were predicted as each. */
export interface ConfusionMatrix {
  /** The classes that golds or preds have, in ascending order. */
  labels: number[];
  /** By the position of the gold class, then of the predicted one. */
  matrix: number[][];
}

/**
 * How often data points of each class were predicted as each class.
 *
 * @param golds integers `[n]` or `[n, 1]`.
 * @param preds as many.
 * @param options `labels` names the classes to show, in their order, and leaves out others; `normalize` divides by the
 * sum of each row (`"true"`), of each column (`"pred"`) or of everything (`"all"`); a sum of 0 gives 0.
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.confusion_matrix.html
 */
export function confusionMatrix(
  golds: ScoringArray,
  preds: ScoringArray,
  options: {
    labels?: readonly number[];
    normalize?: "true" | "pred" | "all" | null;
    abstainLabel?: number | null;
  } = {},
): ConfusionMatrix {
  const where = "confusionMatrix";
  const { labels: shown, normalize = null, ...others } = options;
  if (normalize !== null) oneOf(where, "normalize", normalize, ["true", "pred", "all"]);
  const { inputs } = readReport(where, golds, preds, others);
  const gold = classLabels(where, "golds", inputs.golds);
  const pred = classLabels(where, "preds", inputs.preds);
  const labels = shown === undefined ? Array.from(index(gold, pred).labels) : [...shown];
  const positions = new Map(labels.map((label, position) => [label, position]));
  const counts = new Float64Array(labels.length ** 2);
  for (let row = 0; row < gold.length; row++) {
    const [i, j] = [positions.get(gold[row] as number), positions.get(pred[row] as number)];
    if (i === undefined || j === undefined) continue;
    counts[i * labels.length + j] = (counts[i * labels.length + j] as number) + 1;
  }
  const at = (i: number, j: number) => counts[i * labels.length + j] as number;
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const sums = {
    true: labels.map((_, i) => sum(labels.map((__, j) => at(i, j)))),
    pred: labels.map((_, j) => sum(labels.map((__, i) => at(i, j)))),
  };
  const all = sum(sums.true);
  const divisor = (i: number, j: number): number => {
    if (normalize === null) return 1;
    if (normalize === "all") return all;
    return (normalize === "true" ? sums.true[i] : sums.pred[j]) as number;
  };
  const share = (i: number, j: number) => (divisor(i, j) === 0 ? 0 : at(i, j) / divisor(i, j));
  return { labels, matrix: labels.map((_, i) => labels.map((__, j) => share(i, j))) };
}

function readReport(
  where: string,
  golds: ScoringArray,
  preds: ScoringArray,
  options: Partial<ReportOptions>,
): { inputs: Inputs; names: readonly string[] | undefined } {
  const defaults: ReportOptions = { names: undefined, abstainLabel: -1 };
  const { names, abstainLabel } = mergeOptions(where, defaults, options);
  if (names !== undefined && !Array.isArray(names))
    throw expected(where, "an array of names", "names", names);
  if (abstainLabel !== null) number(where, "abstainLabel", abstainLabel, { integer: true });
  alignedLength(where, { golds, preds });
  const filter = abstainLabel === null ? {} : { golds: [abstainLabel], preds: [abstainLabel] };
  const inputs = readInputs(where, { golds, preds }, ["golds", "preds"], filter, { beta: 1, k: 1 });
  if (inputs.isEmpty) throw expected(where, "at least one label", "golds", inputs.golds.rows);
  return { inputs, names };
}
