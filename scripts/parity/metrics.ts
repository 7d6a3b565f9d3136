// Metrics, curves and reports, each for many random inputs, with scikit-learn's numbers.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  auc,
  classificationReport,
  confusionMatrix,
  type MetricName,
  metricScore,
  precisionRecallCurve,
  rocCurve,
  type ScoringArray,
} from "../../lib/scoring/index.ts";
import { formatDifference } from "./format-difference.ts";
import { runPython } from "./python.ts";

/** How many inputs there are of each kind; most metrics take several kinds. */
const cases = 150;

/** What is allowed: sums are taken in another order. */
export const bound = 1e-12;

/** A number, or the text of one that JSON does not have. */
type Golden = number | "nan" | "inf";

interface ScoredCase {
  golds: ScoringArray;
  preds?: ScoringArray;
  probs: ScoringArray;
  beta?: number;
  k?: number;
  /** By metric; null where no data point is left to score. */
  scores: Record<string, Golden> | null;
}

interface CurveCase {
  golds: number[];
  scores: number[];
  dropIntermediate: boolean;
  roc: Record<string, Golden[]>;
  precisionRecall: Record<string, Golden[]>;
  auc: Golden;
  aucOfPr: Golden;
}

interface ReportCase {
  golds: ScoringArray;
  preds: ScoringArray;
  normalize: "true" | "pred" | "all" | null;
  report: Record<string, Record<string, number>>;
  /** Null for several labels. */
  matrix: number[][] | null;
}

export interface MetricsGolden {
  scored: Record<string, ScoredCase[]>;
  curves: CurveCase[];
  reports: ReportCase[];
}

/** One number here and in Python: how far they are from each other. */
export interface MetricDifference {
  metric: string;
  difference: number;
  /** What was scored, and what came out. */
  what: string;
}

/** Compares everything of a golden file. */
export function differences({ scored, curves, reports }: MetricsGolden): MetricDifference[] {
  return [
    ...Object.values(scored).flatMap((all) => all.flatMap(ofScores)),
    ...curves.flatMap(ofCurves),
    ...reports.flatMap(ofReport),
  ];
}

function ofScores({ golds, preds, probs, beta, k, scores }: ScoredCase): MetricDifference[] {
  const filterDict = { golds: [-1], preds: [-1] };
  const score = (metric: string) =>
    metricScore(golds, preds, probs, { metric: metric as MetricName, filterDict, beta, k });
  if (scores === null) return [compared("accuracy", score("accuracy"), "nan", { golds })];
  return Object.entries(scores).map(([metric, golden]) =>
    compared(metric, score(metric), golden, { golds, preds, probs, beta, k }),
  );
}

function ofCurves(given: CurveCase): MetricDifference[] {
  const { golds, scores, dropIntermediate } = given;
  const roc = rocCurve(golds, scores, { dropIntermediate });
  const pr = precisionRecallCurve(golds, scores, { dropIntermediate });
  const ofCurve = (name: string, curve: object, golden: Record<string, Golden[]>) =>
    Object.entries(golden).map(([part, values]) =>
      worst(name, Array.from(Reflect.get(curve, part) as Float64Array), values, given),
    );
  return [
    ...ofCurve("rocCurve", roc, given.roc),
    ...ofCurve("precisionRecallCurve", pr, given.precisionRecall),
    compared("auc", auc(roc.fpr, roc.tpr), given.auc, given),
    compared("auc", auc(pr.recall, pr.precision), given.aucOfPr, given),
  ];
}

function ofReport(given: ReportCase): MetricDifference[] {
  const { golds, preds, normalize, report, matrix } = given;
  const rows = classificationReport(golds, preds);
  const labels = rows.map(({ label }) => label).sort();
  const isComplete = labels.join() === Object.keys(report).sort().join();
  const found = rows.map(({ label, ...row }) => {
    const names = Object.keys(row) as (keyof typeof row)[];
    return worst(
      "classificationReport",
      names.map((name) => row[name]),
      names.map((name) => (isComplete ? report[label]?.[name] : undefined) ?? "inf"),
      given,
    );
  });
  if (matrix === null) return found;
  const ours = confusionMatrix(golds, preds, { normalize });
  return [...found, worst("confusionMatrix", ours.matrix.flat(), matrix.flat(), given)];
}

function worst(
  metric: string,
  ours: readonly number[],
  python: readonly Golden[],
  given: object,
): MetricDifference {
  const all = python.map((golden, i) => compared(metric, ours[i] ?? Number.NaN, golden, given));
  const what = JSON.stringify({ given, ours, python });
  const difference = ours.length === python.length ? Math.max(0, ...all.map((one) => one.difference)) : 1;
  return { metric, difference, what };
}

function compared(metric: string, ours: number, golden: Golden, given: object): MetricDifference {
  const python = golden === "nan" ? Number.NaN : golden === "inf" ? Number.POSITIVE_INFINITY : golden;
  const difference = Object.is(ours, python) ? 0 : Math.abs(ours - python) / Math.max(1, Math.abs(python));
  const what = JSON.stringify({ given, ours: String(ours), python: golden });
  return { metric, difference: Number.isNaN(difference) ? 1 : difference, what };
}

/** Compares with numbers that Python makes now, prints a table by metric, and tells how many metrics differ. */
export function compareWithSklearn(seed: number, only: string): number {
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-parity-"));
  try {
    const output = join(folder, "sklearn_metrics.json");
    const options = ["--seed", String(seed), "--cases", String(cases), "--output", output];
    runPython("../goldens/sklearn_metrics.py", ...options);
    const golden: MetricsGolden = JSON.parse(readFileSync(output, "utf8"));
    return printByMetric(differences(golden).filter(({ metric }) => metric.includes(only)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function printByMetric(all: readonly MetricDifference[]): number {
  const metrics = [...new Set(all.map(({ metric }) => metric))];
  const rows = metrics.map((metric) => {
    const found = all.filter((one) => one.metric === metric);
    const furthest = found.reduce((a, b) => (b.difference > a.difference ? b : a));
    const isSame = furthest.difference <= bound;
    if (!isSame) console.log(`${metric}: ${furthest.what}`);
    const difference = formatDifference(furthest.difference);
    return { metric, comparisons: found.length, difference, verdict: isSame ? "same" : "differs" };
  });
  if (rows.length === 0) throw new Error("[parity] expected a metric with that in its name, found none");
  console.table(rows);
  return rows.filter(({ verdict }) => verdict !== "same").length;
}
