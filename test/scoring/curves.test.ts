import assert from "node:assert/strict";
import { test } from "node:test";
import { auc, metricScore, precisionRecallCurve, rocCurve } from "../../lib/scoring/index.ts";

const GOLDS = [0, 0, 1, 1];
const SCORES = [0.1, 0.4, 0.35, 0.8];
const lists = (curve: object) =>
  Object.fromEntries(Object.entries(curve).map(([name, values]) => [name, Array.from(values)]));

test("curves are data, from the greatest threshold down, or up", () => {
  assert.deepEqual(lists(rocCurve(GOLDS, SCORES)), {
    fpr: [0, 0, 0.5, 0.5, 1],
    tpr: [0, 0.5, 0.5, 1, 1],
    thresholds: [Number.POSITIVE_INFINITY, 0.8, 0.4, 0.35, 0.1],
  });
  assert.deepEqual(lists(precisionRecallCurve(GOLDS, SCORES)), {
    precision: [0.5, 2 / 3, 0.5, 1, 1],
    recall: [1, 1, 0.5, 0.5, 0],
    thresholds: [0.1, 0.35, 0.4, 0.8],
  });
});

test("the area under a curve is the metric", () => {
  const { fpr, tpr } = rocCurve(GOLDS, SCORES);
  assert.equal(auc(fpr, tpr), metricScore(GOLDS, undefined, SCORES, { metric: "roc_auc" }));
});

test("the probabilities that predict gives for two classes can be given as they are", () => {
  const probs = SCORES.map((score) => [1 - score, score]);
  assert.deepEqual(rocCurve(GOLDS, probs), rocCurve(GOLDS, SCORES));
});

test("data points without a label are left out, unless -1 is one", () => {
  assert.deepEqual(rocCurve([...GOLDS, -1], [...SCORES, 0.5]), rocCurve(GOLDS, SCORES));
  const negatives = GOLDS.map((gold) => (gold === 1 ? 1 : -1));
  assert.deepEqual(rocCurve(negatives, SCORES, { abstainLabel: null }), rocCurve(GOLDS, SCORES));
});

test("one of several classes can be the positive one, if it is named", () => {
  const golds = [0, 1, 2, 2];
  assert.deepEqual(rocCurve(golds, SCORES, { posLabel: 2 }), rocCurve(GOLDS, SCORES));
  assert.throws(() => rocCurve(golds, SCORES), /\[rocCurve\] .*labels 0 and 1 for golds, got 2.*posLabel/);
});

test("points that do not show can be left out or kept", () => {
  const [golds, scores] = [
    [1, 1, 1, 0],
    [4, 3, 2, 1],
  ];
  assert.equal(rocCurve(golds, scores).thresholds.length, 4);
  assert.equal(rocCurve(golds, scores, { dropIntermediate: false }).thresholds.length, 5);
  const [steps, same] = [
    [1, 0, 0, 0, 1],
    [5, 4, 3, 2, 1],
  ];
  assert.equal(precisionRecallCurve(steps, same).thresholds.length, 5);
  assert.equal(precisionRecallCurve(steps, same, { dropIntermediate: true }).thresholds.length, 3);
});

test("no scores, other numbers of them, and what is no number, are errors", () => {
  assert.throws(() => rocCurve([], []), /at least one label for golds/);
  assert.throws(() => rocCurve([-1], [0.5]), /at least one label for golds/);
  assert.throws(() => rocCurve(GOLDS, [1]), /expected 4 elements, as golds has for scores, got 1/);
  assert.throws(() => rocCurve(GOLDS, [0, 0, 0, Number.NaN]), /expected a finite number/);
  assert.throws(
    () =>
      rocCurve(
        GOLDS,
        GOLDS.map(() => [1, 2, 3]),
      ),
    /one number per data point for scores/,
  );
});

test("an area needs two points, and x in order", () => {
  assert.equal(auc([0, 1], [1, 1]), 1);
  assert.equal(auc([1, 0], [1, 1]), 1);
  assert.throws(() => auc([0], [1]), /at least two points/);
  assert.throws(() => auc([0, 1, 0], [1, 1, 1]), /ascend or descend/);
});

test("a million scores take less than a few seconds", () => {
  const scores = Float32Array.from({ length: 1e6 }, (_, i) => Math.sin(i));
  const golds = Uint8Array.from(scores, (score, i) => Number(score + Math.cos(i * 7) > 0));
  const started = performance.now();
  const { thresholds } = rocCurve(golds, scores);
  assert.ok(performance.now() - started < 5000);
  assert.ok(thresholds.length > 1e5);
});
