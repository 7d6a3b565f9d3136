import assert from "node:assert/strict";
import { test } from "node:test";
import { type MetricName, type ProbabilityMatrix, Scorer } from "../../lib/scoring/index.ts";

const GOLDS = [1, 0, 1, 0, 1];
const PREDS = [1, 0, 1, 1, 0];
const PROBS = [0.8, 0.6, 0.9, 0.7, 0.4].map((p) => [1 - p, p]);

test("parity 58: an unknown metric, option or kind of custom metric is an error", () => {
  const metrics = ["f2"] as string[] as MetricName[];
  assert.throws(() => new Scorer({ metrics }), /\[Scorer\] expected metric to be one of .* got "f2"/);
  assert.throws(() => new Scorer({ metric: ["f1"] } as object), /Did you mean "metrics"\?/);
  assert.throws(
    () => new Scorer({ customMetricFuncs: { mine: 3 } } as object),
    /expected a function for customMetricFuncs.mine/,
  );
  assert.throws(() => new Scorer({ abstainLabel: "none" } as object), /expected an integer for abstainLabel/);
});

test("parity 58: data points whose gold or predicted label is an abstain are left out", () => {
  const golds = [1, 0, 1, 0, 1, -1, 1];
  const preds = [1, 0, 1, 1, 0, 1, -1];
  const scorer = new Scorer({ metrics: ["accuracy", "coverage"] });
  assert.deepEqual(scorer.score(golds, preds), { accuracy: 0.6, coverage: 6 / 7 });
});

test("parity 58: the abstain label can be another one or none", () => {
  const golds = [1, 0, 1, 0, -1];
  const preds = [1, 0, 1, 1, 1];
  const accuracy = (abstainLabel: number | null) =>
    new Scorer({ metrics: ["accuracy"], abstainLabel }).score(golds, preds).accuracy;
  assert.equal(accuracy(null), 0.6);
  assert.equal(accuracy(0), 2 / 3);
});

test("parity 58: custom metrics receive golds, preds and probs as they are", () => {
  const golds = [1, -1];
  const preds = [-1, 0];
  const probs = [
    [0.5, 0.5],
    [0.9, 0.1],
  ];
  const scorer = new Scorer({
    customMetricFuncs: {
      raw: (...given) => {
        assert.deepEqual(given, [golds, preds, probs]);
        return 0.5;
      },
    },
  });
  assert.deepEqual(scorer.score(golds, preds, probs), { raw: 0.5 });
});

test("parity 58: a custom metric that returns an object names its own scores", () => {
  const scorer = new Scorer({
    metrics: ["accuracy"],
    customMetricFuncs: { counts: (golds) => ({ rows: golds.length, half: golds.length / 2 }) },
  });
  assert.deepEqual(scorer.score(GOLDS, PREDS, PROBS), { accuracy: 0.6, rows: 5, half: 2.5 });
});

test("a custom metric that returns neither a number nor numbers is an error", () => {
  const scorer = new Scorer({ customMetricFuncs: { later: (async () => 1) as unknown as () => number } });
  assert.throws(() => scorer.score(GOLDS), /for the result of metric later \(later\), got a Promise/);
});

test("parity 59: empty labels cannot be scored", () => {
  assert.throws(
    () => new Scorer({ metrics: ["accuracy"] }).score([], [], []),
    /Empty labels cannot be scored/,
  );
});

test("parity 59: a scorer without metrics gives no scores", () => {
  assert.deepEqual(new Scorer().score(GOLDS, PREDS, PROBS), {});
});

test("a split without any label scores NaN, and does not throw", () => {
  const scorer = new Scorer({ metrics: ["accuracy", "f1", "roc_auc", "coverage"] });
  const scores = scorer.score([-1, -1], [0, 1], PROBS.slice(0, 2));
  assert.deepEqual(scores, { accuracy: Number.NaN, f1: Number.NaN, roc_auc: Number.NaN, coverage: 1 });
});

test("fbeta takes its beta from the scorer", () => {
  const fbeta = (beta?: number) =>
    new Scorer({ metrics: ["fbeta"], beta }).score(GOLDS, [1, 0, 1, 0, 0]).fbeta;
  assert.equal(fbeta(), 0.8);
  assert.equal(fbeta(0), 1);
  assert.equal(fbeta(2), 10 / 14);
});

test("regression and soft labels are scored by custom metrics, without predictions", () => {
  const meanAbsoluteError = (golds: number[], _preds: undefined, outputs: number[][]) =>
    golds.reduce((sum, gold, row) => sum + Math.abs(gold - (outputs[row]?.[0] ?? 0)), 0) / golds.length;
  const regression = new Scorer({ customMetricFuncs: { mae: meanAbsoluteError } });
  assert.deepEqual(regression.score([0.5, 2], undefined, [[1], [2]]), { mae: 0.25 });

  const crossEntropy = (golds: ProbabilityMatrix, _preds: undefined, probs: ProbabilityMatrix) =>
    -(golds[0]?.[1] ?? 0) * Math.log(probs[0]?.[1] ?? 0);
  const soft = new Scorer({ customMetricFuncs: { crossEntropy } });
  assert.deepEqual(soft.score([[0, 1]], undefined, [[0.5, 0.5]]), { crossEntropy: Math.LN2 });
});

test("a metric of predictions says what to do where there are none", () => {
  const scorer = new Scorer({ metrics: ["accuracy"] });
  assert.throws(
    () => scorer.score([0.5], undefined, [[1]]),
    /metric accuracy needs it.*kind "multilabel", or take metrics of probs, such as mae/,
  );
});

test("parity 60: slices are scored beside the whole", () => {
  const scorer = new Scorer({ metrics: ["accuracy", "f1", "roc_auc"] });
  const slices = { first: [1, 1, 1, 0, 0], last: [false, false, false, true, true] };
  const scores = scorer.scoreSlices(slices, GOLDS, PREDS, PROBS);
  assert.deepEqual(scores, {
    overall: scorer.score(GOLDS, PREDS, PROBS),
    first: scorer.score(GOLDS.slice(0, 3), PREDS.slice(0, 3), PROBS.slice(0, 3)),
    last: { accuracy: 0, f1: 0, roc_auc: 0 },
  });
});

test("parity 60: as a table, slices are rows", () => {
  const scorer = new Scorer({ metrics: ["accuracy"] });
  const table = scorer.scoreSlices({ s1: [1, 1, 1, 1, 0] }, GOLDS, PREDS, undefined, { asTable: true });
  assert.deepEqual(table, [
    { slice: "overall", accuracy: 0.6 },
    { slice: "s1", accuracy: 0.75 },
  ]);
});

test("parity 60: arrays of different lengths are errors", () => {
  const scorer = new Scorer({ metrics: ["accuracy"] });
  assert.throws(
    () => scorer.scoreSlices({ s1: [1, 0] }, GOLDS, PREDS, PROBS),
    /as golds has for sliceMembership.s1, got 2/,
  );
  assert.throws(() => scorer.scoreSlices({}, GOLDS, PREDS, PROBS.slice(1)), /for probs, got 4/);
});

test("only a 1 is inside a slice: an abstain is not", () => {
  const scorer = new Scorer({ metrics: ["accuracy"] });
  const { slice } = scorer.scoreSlices({ slice: [1, -1, 0, -1, -1] }, GOLDS, PREDS, PROBS);
  assert.deepEqual(slice, { accuracy: 1 });
});

test("a slice without data points has NaN for each score of the whole", () => {
  const count = (golds: ArrayLike<unknown>) => ({ rows: golds.length });
  const scorer = new Scorer({ metrics: ["accuracy"], customMetricFuncs: { count } });
  const { empty } = scorer.scoreSlices({ empty: new Uint8Array(5) }, GOLDS, PREDS, PROBS);
  assert.deepEqual(empty, { accuracy: Number.NaN, rows: Number.NaN });
});

test("a slice may have any name but overall", () => {
  const scorer = new Scorer({ metrics: ["accuracy"] });
  assert.throws(() => scorer.scoreSlices({ overall: [1, 1, 1, 1, 1] }, GOLDS, PREDS), /Rename the slice/);
  const { golds } = scorer.scoreSlices({ golds: [1, 0, 0, 0, 0] }, GOLDS, PREDS);
  assert.deepEqual(golds, { accuracy: 1 });
});
