import assert from "node:assert/strict";
import { test } from "node:test";
import { type MetricName, metricScore } from "../../lib/scoring/index.ts";

/** The warnings of a few scores, each of which is computed twice. */
async function warningsOf(score: () => unknown): Promise<string[]> {
  const warnings: string[] = [];
  const note = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
  process.on("warning", note);
  score();
  score();
  // A warning is emitted in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  return warnings;
}

const score = (metric: MetricName, golds: number[], preds: number[], probs?: number[]) => () =>
  metricScore(golds, preds, probs, { metric });

test("a ratio that is undefined is 0, and a warning says so once for each metric", async () => {
  const warnings = await warningsOf(score("precision", [0, 1], [0, 0]));
  assert.deepEqual(warnings, [
    "UndefinedMetricWarning: [precision] a class has no predictions: the metric is undefined for it and counts as 0",
  ]);
  assert.equal(score("precision", [0, 1], [0, 0])(), 0);
  assert.match((await warningsOf(score("recall", [0, 0], [0, 1]))).join(), /\[recall\] a class has no golds/);
  assert.match((await warningsOf(score("f1", [0, 0], [0, 0]))).join(), /neither golds nor predictions/);
});

test("an area of one class is NaN, with a warning", async () => {
  assert.match(
    (await warningsOf(score("roc_auc", [1, 1], [1, 1], [0.1, 0.2]))).join(),
    /^Undef.*roc_auc.*NaN$/,
  );
  assert.ok(Number.isNaN(score("roc_auc", [1, 1], [1, 1], [0.1, 0.2])()));
});

test("what is defined, and what is empty, gives no warning", async () => {
  assert.deepEqual(await warningsOf(score("recall_macro", [0, 1], [0, 0])), []);
  assert.deepEqual(await warningsOf(score("precision_macro", [], [])), []);
});

test("probabilities that do not sum up to 1 give a warning, those out of range an error", async () => {
  const loss = (probs: number[][]) => () => metricScore([1], undefined, probs, { metric: "log_loss" });
  assert.match((await warningsOf(loss([[0.2, 0.2]]))).join(), /do not sum up to 1/);
  assert.throws(loss([[-1, 2]]), /probabilities from 0 to 1 for probs\[0\], got -1.*softmax/);
});

test("a probability of 0 counts as the smallest that its numbers tell from 1, float32 or not", () => {
  const loss = (row: ArrayLike<number>) => metricScore([0], undefined, [row], { metric: "log_loss" });
  assert.equal(loss([0, 1]), -Math.log(Number.EPSILON));
  assert.equal(loss(Float32Array.of(0, 1)), -Math.log(2 ** -23));
});
