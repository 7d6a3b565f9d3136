import { expected } from "../errors.ts";
import { checkName, isPlainObject, mergeOptions, number, oneOf } from "../options.ts";
import { alignedLength, type LabelArray, type ScoringArray, select } from "./arrays.ts";
import {
  checkSettings,
  METRIC_NAMES,
  type MetricName,
  type MetricSettings,
  metricScore,
  metricSettings,
} from "./metrics.ts";

/**
 * A metric of the user's own. It receives what the Scorer was given, abstains included, and returns a score, or several
 * by name. A function may declare the narrower types that its task has, such as `(golds: number[], ...)`.
 */
export type CustomMetric = {
  // A method, because TypeScript lets a method's parameters be narrowed.
  score(golds: ScoringArray, preds?: ScoringArray, probs?: ScoringArray): number | Record<string, number>;
}["score"];

export interface ScorerOptions extends MetricSettings {
  /** The built-in metrics to compute. Default none. */
  metrics: readonly MetricName[];
  /** Functions of `(golds, preds, probs)` by name; one that returns an object names its scores itself. Default none. */
  customMetricFuncs: Record<string, CustomMetric> | undefined;
  /**
   * Data points with this gold **or** predicted label are left out of the built-in metrics, `coverage` excepted; of a
   * data point with several labels, those labels alone. `null` leaves out none. Default -1.
   */
  abstainLabel: number | null;
}

/** By name of slice, one value per data point: 1 or `true` inside, anything else outside. */
export type SliceMembership = Record<string, ArrayLike<number | boolean>>;

/** One row per slice: its name, then its scores. */
export type SliceTable = ({ slice: string } & Record<string, string | number>)[];

/** The scores of the whole, as `overall`, and of each slice, by name. */
export type SliceScores = Record<string, Record<string, number>>;

/**
 * Computes the scores of a task: any of the built-in metrics, any functions of the user's own.
 *
 *     const scorer = new Scorer({ metrics: ["accuracy", "f1"], customMetricFuncs: { worst: largestLoss } });
 *     scorer.score([0, 1, 1], [0, 1, 0]);    // { accuracy: 0.66, f1: 0.66, worst: ... }
 *
 * Each metric asks only for what it needs: a task of real numbers, which has no predictions, is scored by metrics of golds
 * and probs, such as `mae`; one of soft labels by custom ones.
 *
 * @see snorkel.analysis.Scorer
 */
export class Scorer {
  /** The functions that compute the scores, by name. */
  readonly metrics: ReadonlyMap<string, CustomMetric>;
  readonly abstainLabel: number | null;

  /** @throws TypeError for an unknown metric or option, and for a custom metric that is not a function. */
  constructor(options: Partial<ScorerOptions> = {}) {
    const defaults: ScorerOptions = {
      metrics: [],
      customMetricFuncs: undefined,
      abstainLabel: -1,
      ...metricSettings,
    };
    const merged = mergeOptions("Scorer", defaults, options);
    const { metrics: names, customMetricFuncs = {}, abstainLabel, beta, k } = merged;
    if (!Array.isArray(names)) throw expected("Scorer", "an array of metric names", "metrics", names);
    if (!isPlainObject(customMetricFuncs))
      throw expected("Scorer", "an object of functions", "customMetricFuncs", customMetricFuncs);
    if (abstainLabel !== null) number("Scorer", "abstainLabel", abstainLabel, { integer: true });
    checkSettings("Scorer", { beta, k });

    const metrics = new Map<string, CustomMetric>();
    for (const name of names) {
      const metric = oneOf("Scorer", "metric", name, METRIC_NAMES);
      const filterDict =
        abstainLabel === null || metric === "coverage"
          ? undefined
          : { golds: [abstainLabel], preds: [abstainLabel] };
      metrics.set(metric, (golds, preds, probs) =>
        metricScore(golds, preds, probs, { metric, filterDict, beta, k }),
      );
    }
    for (const [name, metric] of Object.entries(customMetricFuncs)) {
      checkName("Scorer", "a name in customMetricFuncs", name);
      if (typeof metric !== "function")
        throw expected("Scorer", "a function", `customMetricFuncs.${name}`, metric);
      metrics.set(name, metric);
    }
    this.metrics = metrics;
    this.abstainLabel = abstainLabel;
  }

  /**
   * The scores by name of metric. A built-in metric that finds no data point to score, because all are abstains, is NaN:
   * a validation set without labels says nothing about the model, and is no reason to end its training.
   *
   * @param golds the true labels, as `metricScore` takes them, or anything for custom metrics.
   * @param preds the predicted labels.
   * @param probs the outputs of the task.
   * @throws TypeError for empty golds, arrays of different lengths, and an input that a metric needs and did not get.
   */
  score(golds: ScoringArray, preds?: ScoringArray, probs?: ScoringArray): Record<string, number> {
    if (alignedLength("Scorer.score", { golds, preds, probs }) === 0)
      throw expected("Scorer.score", "at least one label", "golds", golds, "Empty labels cannot be scored");
    const scores: Record<string, number> = {};
    for (const [name, metric] of this.metrics)
      Object.assign(scores, namedScores(name, metric(golds, preds, probs)));
    return scores;
  }

  /**
   * The scores of all data points, as `overall`, and of each slice. A slice without data points has NaN for each score.
   *
   * @param sliceMembership by name of slice, an array `[n]`. Data points with 1 or `true` are inside; with 0 they are
   * outside, and so they are with -1, where a slicing function abstained or failed.
   * @param options `asTable` gives an array of `{ slice, ...scores }`, which `console.table` prints. Default false.
   * @throws TypeError as `score` does, and for a slice of a different length or named `overall`.
   */
  scoreSlices(
    sliceMembership: SliceMembership,
    golds: ScoringArray,
    preds: ScoringArray | undefined,
    probs: ScoringArray | undefined,
    options: { asTable: true },
  ): SliceTable;
  scoreSlices(
    sliceMembership: SliceMembership,
    golds: ScoringArray,
    preds?: ScoringArray,
    probs?: ScoringArray,
    options?: { asTable?: false },
  ): SliceScores;
  scoreSlices(
    sliceMembership: SliceMembership,
    golds: ScoringArray,
    preds?: ScoringArray,
    probs?: ScoringArray,
    options: { asTable?: boolean } = {},
  ): SliceScores | SliceTable {
    const where = "Scorer.scoreSlices";
    const { asTable } = mergeOptions(where, { asTable: false }, options);
    if (!isPlainObject(sliceMembership))
      throw expected(where, "an object of arrays", "sliceMembership", sliceMembership);
    if (Object.hasOwn(sliceMembership, "overall"))
      throw expected(
        where,
        'a slice name other than "overall"',
        "sliceMembership",
        "overall",
        "Rename the slice",
      );
    const slices = Object.entries(sliceMembership);
    const memberships = slices.map(([slice, membership]) => [`sliceMembership.${slice}`, membership]);
    alignedLength(where, { golds, preds, probs, ...Object.fromEntries(memberships) });

    const overall = this.score(golds, preds, probs);
    const undefinedScores = Object.fromEntries(Object.keys(overall).map((name) => [name, Number.NaN]));
    const scores: SliceScores = { overall };
    for (const [slice, membership] of slices) {
      const inside = positionsInside(membership);
      const within = (array: ScoringArray) => select<number | LabelArray>(array, inside) as ScoringArray;
      scores[slice] =
        inside.length > 0
          ? this.score(within(golds), preds && within(preds), probs && within(probs))
          : { ...undefinedScores };
    }
    return asTable ? Object.entries(scores).map(([slice, row]) => ({ slice, ...row })) : scores;
  }
}

function namedScores(name: string, result: unknown): Record<string, number> {
  const scores = isPlainObject(result) ? result : { [name]: result };
  for (const [key, score] of Object.entries(scores)) {
    if (typeof score !== "number")
      throw expected(
        "Scorer.score",
        "a number, or an object of numbers,",
        `the result of metric ${name} (${key})`,
        score,
      );
  }
  return scores as Record<string, number>;
}

function positionsInside(membership: ArrayLike<number | boolean>): number[] {
  return Array.from(membership, (value, position) => (value === 1 || value === true ? position : -1)).filter(
    (position) => position >= 0,
  );
}
