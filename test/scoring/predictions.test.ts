import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hasClasses, predsToProbs, probsToPreds } from "../../lib/scoring/index.ts";

const goldens: { predicted: { probs: number[][]; preds: { random: number[]; abstain: number[] } }[] } =
  JSON.parse(readFileSync(new URL("../goldens/metrics.json", import.meta.url), "utf8"));
const TIES = Array.from({ length: 10 }, () => [0.5, 0.5]);

test("parity 61: ties are broken by Snorkel's hash of the row's index", () => {
  assert.deepEqual(probsToPreds(TIES), [0, 1, 0, 1, 0, 0, 0, 0, 1, 1]);
});

test("parity 61: predictions are Python's, ties included", () => {
  for (const { probs, preds } of goldens.predicted) {
    assert.deepEqual(probsToPreds(probs), preds.random);
    assert.deepEqual(probsToPreds(probs, { tieBreakPolicy: "abstain" }), preds.abstain);
  }
});

test("parity 61: true-random draws among the tied classes", () => {
  const rows = Array.from({ length: 200 }, () => [0.4, 0.2, 0.4]);
  const drawn = new Set(probsToPreds(rows, { tieBreakPolicy: "true-random" }));
  assert.deepEqual([...drawn].sort(), [0, 2]);
});

test("parity 61: the tolerance says what is a tie", () => {
  const row = [[0.5, 0.499]];
  assert.deepEqual(probsToPreds(row, { tieBreakPolicy: "abstain" }), [0]);
  assert.deepEqual(probsToPreds(row, { tieBreakPolicy: "abstain", tol: 0.01 }), [-1]);
});

test("parity 61: an unknown policy, fewer than two classes and NaN are errors", () => {
  const tieBreakPolicy = "abstian" as "abstain";
  assert.throws(() => probsToPreds(TIES, { tieBreakPolicy }), /Did you mean "abstain"\?/);
  assert.throws(() => probsToPreds([[1], [1]]), /expected rows of at least 2 classes for probs/);
  assert.throws(() => probsToPreds([[1, 0], [1]]), /expected 2 classes for probs\[1\]/);
  assert.throws(
    () => probsToPreds([[0, Number.NaN]]),
    /expected finite numbers for probs\[0\], got "0, NaN"/,
  );
});

test("outputs have classes where there is a row of at least two numbers", () => {
  assert.ok(hasClasses([new Float32Array(2)]));
  assert.ok(!hasClasses([[1], [2]]));
  assert.ok(!hasClasses([1, 2]));
});

test("no data points give no predictions", () => {
  assert.deepEqual(probsToPreds([]), []);
});

test("parity 62: predictions become one-hot rows", () => {
  const rows = [
    [0, 1, 0],
    [0, 0, 1],
  ];
  assert.deepEqual(predsToProbs([1, 2], 3), rows);
  assert.deepEqual(predsToProbs([[1], [2]], 3), rows);
});

test("parity 62: an abstain or a class out of range has no one-hot row", () => {
  assert.throws(() => predsToProbs([0, -1], 2), /expected classes from 0 to 1 for preds, got -1/);
  assert.throws(() => predsToProbs([2], 2), /expected classes from 0 to 1 for preds, got 2/);
});
