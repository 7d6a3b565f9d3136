import {
  filterLabels,
  getLabelBuckets,
  getLabelInstances,
  type MetricName,
  metricScore,
  predsToProbs,
  probsToPreds,
  Scorer,
  toIntLabelArray,
} from "snorkel-torch";
import { differs, type Edge, refused, same } from "./edge.ts";

const two = [
  [0, 1, 1, 0],
  [0, 1, 0, 0],
] as const;
const many = [
  [0, 1, 2, 2],
  [0, 1, 1, 2],
] as const;
const zeros = (rows: number) => Array.from({ length: rows }, () => [0, 0]);
const alike = (rows: number, classes: number) =>
  Array.from({ length: rows }, () => Array.from({ length: classes }, () => 1 / classes));

function metrics(golds: readonly number[], preds: readonly number[], ...names: MetricName[]) {
  return Object.fromEntries(
    names.map((metric) => [metric, metricScore(golds, preds, undefined, { metric })]),
  );
}

const accuracy = (options = {}) => new Scorer({ metrics: ["accuracy"], ...options });

/** Predictions, metrics, scorers, buckets. */
export const scoringEdges: Edge[] = [
  same("ties between two classes", [0, 1, 0, 1, 0, 0, 0, 0, 1, 1], () => probsToPreds(alike(10, 2))),
  same("ties between three classes", [0, 0, 0, 1, 0, 0, 1, 2, 1, 1], () => probsToPreds(alike(10, 3))),
  same("ties that abstain", [-1, 1], () =>
    probsToPreds(
      [
        [0.5, 0.5],
        [0.2, 0.8],
      ],
      { tieBreakPolicy: "abstain" },
    ),
  ),
  same("a tie within the tolerance", [0, 0], () =>
    probsToPreds([
      [0.5, 0.499995],
      [0.5, 0.49998],
    ]),
  ),
  refused("an unknown tie-break policy", /policy not recognized/, /tieBreakPolicy/, () =>
    probsToPreds([[0.5, 0.5]], { tieBreakPolicy: "negative" as never }),
  ),
  refused("probabilities of one class", /at least 2 classes/, /at least 2 classes/, () =>
    probsToPreds([[0.5], [0.5]]),
  ),
  same(
    "predictions as probabilities",
    [
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ],
    () => predsToProbs([1, 0, 2], 3),
  ),
  refused("an abstain as probabilities", /abstained vote/, /classes from 0 to 1/, () =>
    predsToProbs([1, -1], 2),
  ),
  same("labels of shape [n, 1]", [1, 0, 2], () => toIntLabelArray([[1], [0], [2]])),
  refused("labels that are no integers", /non-integer/, /integers/, () => toIntLabelArray([1, 2.1])),
  refused("labels of two columns", /1d np.array/, /one label per row/, () =>
    toIntLabelArray([
      [1, 0],
      [0, 1],
    ]),
  ),
  same(
    "metrics of two classes",
    {
      accuracy: 0.75,
      precision: 1,
      recall: 0.5,
      f1: 2 / 3,
      f1_micro: 0.75,
      f1_macro: (0.8 + 2 / 3) / 2,
      matthews_corrcoef: 1 / Math.sqrt(3),
      coverage: 1,
    },
    () =>
      metrics(
        ...two,
        "accuracy",
        "precision",
        "recall",
        "f1",
        "f1_micro",
        "f1_macro",
        "matthews_corrcoef",
        "coverage",
      ),
  ),
  same(
    "metrics of many classes",
    { accuracy: 0.75, f1_micro: 0.75, f1_macro: (1 + 2 / 3 + 2 / 3) / 3, matthews_corrcoef: 0.7 },
    () => metrics(...many, "accuracy", "f1_micro", "f1_macro", "matthews_corrcoef"),
  ),
  refused("f1 of many classes", /not supported for multiclass/, /labels 0 and 1/, () =>
    metrics(...many, "f1"),
  ),
  refused("precision of many classes", /Target is multiclass/, /labels 0 and 1/, () =>
    metrics(...many, "precision"),
  ),
  refused("recall of many classes", /Target is multiclass/, /labels 0 and 1/, () =>
    metrics(...many, "recall"),
  ),
  refused("f1 with a third class in the predictions alone", /Target is multiclass/, /labels 0 and 1/, () =>
    metrics(two[0], [1, 2, 2, 3], "f1"),
  ),
  same(
    "metrics of a class that was never predicted",
    { precision: 0, recall: 0, f1: 0, matthews_corrcoef: 0 },
    () => metrics([1, 1, 0], [0, 0, 0], "precision", "recall", "f1", "matthews_corrcoef"),
  ),
  same("metrics of one class alone", { accuracy: 1, f1: 0, f1_macro: 1, matthews_corrcoef: 0 }, () =>
    metrics([0, 0], [0, 0], "accuracy", "f1", "f1_macro", "matthews_corrcoef"),
  ),
  same("roc_auc", 0.75, () =>
    metricScore(
      two[0],
      undefined,
      [
        [0.9, 0.1],
        [0.4, 0.6],
        [0.6, 0.4],
        [0.5, 0.5],
      ],
      { metric: "roc_auc" },
    ),
  ),
  refused("roc_auc of three columns", /only defined for binary/, /two columns/, () =>
    metricScore(two[0], undefined, alike(4, 3), { metric: "roc_auc" }),
  ),
  same("roc_auc of one class alone", Number.NaN, () =>
    metricScore(
      [1, 1],
      undefined,
      [
        [0.4, 0.6],
        [0.1, 0.9],
      ],
      { metric: "roc_auc" },
    ),
  ),
  same("coverage", 0.6, () =>
    metricScore([0, 0, 0, 0, 1], [-1, -1, 0, 0, 0], undefined, { metric: "coverage" }),
  ),
  same("fbeta with its beta", 5 / 9, () => metricScore(...two, undefined, { metric: "fbeta", beta: 2 })),
  refused(
    "a metric without what it needs",
    /requires access to preds/,
    /an array \(metric accuracy needs it\) for preds/,
    () => metricScore(two[0]),
  ),
  refused("an unknown metric", /The metric you provided/, /metric/, () =>
    metrics(...two, "bad_metric" as never),
  ),
  refused("an unknown key of a filter", /filter_dict must only include/, /a key of filterDict/, () =>
    metricScore(...two, undefined, { filterDict: { bad_map: [0] } as never }),
  ),
  same("a filter of golds and preds", 1, () =>
    metricScore([0, 0, 0, 1, 1], [0, -1, 0, 1, 0], undefined, { filterDict: { golds: [1], preds: [-1] } }),
  ),
  differs(
    "a filter of three arrays",
    { golds: [0, 1], preds: [0, 1], probs: [1, 9] },
    { golds: [0], preds: [0], probs: [1] },
    () =>
      filterLabels(
        { golds: [0, -1, 1, 1], preds: [0, 0, -1, 1], probs: [1, 1, 1, 9] },
        { golds: [-1], preds: [-1], probs: [9] },
      ),
  ),
  differs("a filter of an array that is not there", /IndexError/, { preds: [0, 1] }, () => {
    const { preds } = filterLabels({ golds: undefined, preds: [0, 1] }, { golds: [-1] });
    return { preds };
  }),
  differs("a filter of a single row", { golds: [[1]] }, { golds: [1] }, () =>
    filterLabels({ golds: [1] }, { golds: [-1] }),
  ),
  same("a scorer of abstains", { accuracy: 0.5, coverage: 0.6 }, () =>
    new Scorer({ metrics: ["accuracy", "coverage"] }).score([1, 0, 1, 0, -1], [-1, -1, 1, 1, 0], zeros(5)),
  ),
  same("a scorer of another abstain label", { accuracy: 1 / 3 }, () =>
    accuracy({ abstainLabel: 10 }).score([1, 0, -1], [1, 1, 0]),
  ),
  same("a scorer without an abstain label", { accuracy: 2 / 3 }, () =>
    accuracy({ abstainLabel: null }).score([1, 0, -1], [1, 1, -1]),
  ),
  same("a scorer without metrics", {}, () => new Scorer().score(...two)),
  same("a custom metric of several scores", { a: 1, b: 2 }, () =>
    new Scorer({ customMetricFuncs: { own: () => ({ a: 1, b: 2 }) } }).score(...two),
  ),
  same("custom metrics get the abstains", { rows: 2 }, () =>
    new Scorer({ customMetricFuncs: { rows: (golds) => golds.length } }).score([-1, 1], [0, 1]),
  ),
  refused("a scorer of no labels", /Cannot score empty labels/, /Empty labels cannot be scored/, () =>
    accuracy().score([], []),
  ),
  refused(
    "a scorer of an unknown metric",
    /Unrecognized metric/,
    /metric/,
    () => new Scorer({ metrics: ["accuracy", "f2" as never] }),
  ),
  differs(
    "a scorer of labels that are all abstains",
    /Found empty input array/,
    { accuracy: Number.NaN },
    () => accuracy().score([-1, -1], [0, 1]),
  ),
  differs("a scorer of fbeta", /missing .*'beta'/, { fbeta: 2 / 3 }, () =>
    new Scorer({ metrics: ["fbeta"] }).score(...two),
  ),
  same("scores of slices", { overall: { accuracy: 0.75 }, a: { accuracy: 0.5 }, b: { accuracy: 0.5 } }, () =>
    accuracy().scoreSlices({ a: [1, 0, 1, 0], b: [0, 0, 1, 1] }, ...two, zeros(4)),
  ),
  same("scores of slices as rows", { rows: ["overall", "a"], columns: ["accuracy"] }, () => {
    const table = accuracy().scoreSlices({ a: [1, 0, 1, 0] }, ...two, zeros(4), { asTable: true });
    const columns = Object.keys(table[0] ?? {}).filter((name) => name !== "slice");
    return { rows: table.map(({ slice }) => slice), columns };
  }),
  differs(
    "a slice that abstains",
    { accuracy: 0.5 },
    { accuracy: 1 },
    () => accuracy().scoreSlices({ a: [1, 0, -1, 0] }, ...two, zeros(4)).a,
  ),
  differs(
    "a slice without rows",
    /Cannot score empty labels/,
    { accuracy: Number.NaN },
    () => accuracy().scoreSlices({ a: [0, 0, 0, 0] }, ...two, zeros(4)).a,
  ),
  refused("slices of another length", /same number of elements/, /elements, as/, () =>
    accuracy().scoreSlices({ a: [0, 0, 0, 1] }, [0], two[1], zeros(4)),
  ),
  same(
    "label buckets",
    [
      [
        [1, 2],
        [1, 3],
      ],
      [[2, 1], [0]],
      [[3, 3], [2]],
    ],
    () =>
      [...getLabelBuckets([[2], [1], [3], [1]], [1, 2, 3, 2])]
        .map(([key, rows]) => [String(key).split(",").map(Number), rows])
        .sort(),
  ),
  refused("label buckets of different lengths", /same number of elements/, /elements, as/, () =>
    getLabelBuckets([0, 1, 1], [1, 1]),
  ),
  same("the instances of a bucket", ["b", "c"], () =>
    getLabelInstances([0, 1], ["a", "b", "c"], [1, 0, 0], [1, 1, 1]),
  ),
  same("the instances of a bucket that is not there", [], () =>
    getLabelInstances([2, 0], ["a", "b", "c"], [1, 0, 0], [1, 1, 1]),
  ),
  refused("the instances of a bucket of another size", /Number of lists must match/, /expected/, () =>
    getLabelInstances([1, 0], ["a", "b", "c"], [1, 0, 0]),
  ),
];
