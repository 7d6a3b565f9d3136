import assert from "node:assert/strict";
import { test } from "node:test";
import { filterLabels, toIntLabelArray } from "../../lib/scoring/index.ts";

test("parity 56: integers of any array type become a flat array", () => {
  for (const labels of [[1, -1, 0], new Float32Array([1, -1, 0]), [[1], [-1], [0]], [1, -1, -0]])
    assert.deepEqual(toIntLabelArray(labels).map(String), ["1", "-1", "0"]);
  assert.deepEqual(toIntLabelArray([]), []);
});

test("parity 56: labels that are not integers, or not one per row, are errors", () => {
  assert.throws(() => toIntLabelArray([1, 1.5]), /expected integers for labels, got 1.5/);
  assert.throws(() => toIntLabelArray([Number.NaN]), /expected integers for labels, got NaN/);
  assert.throws(
    () => toIntLabelArray([[1, 2, 3]]),
    /expected one label per row for labels, got an array of 3/,
  );
  assert.throws(() => toIntLabelArray(["1"] as unknown as number[]), /got "1" \(string\)/);
});

test("parity 62: a data point that matches any filter is dropped from every array", () => {
  const filtered = filterLabels(
    { golds: [-1, 0, 0, 1, 0], preds: new Int8Array([0, 0, 0, 1, -1]), probs: undefined },
    { golds: [-1], preds: [-1] },
  );
  assert.deepEqual(filtered, { golds: [0, 0, 1], preds: [0, 0, 1], probs: undefined });
});

test("three filters are all applied, rows by any of their numbers", () => {
  const labels = { golds: [-1, 0, 0, 1], preds: [0, -1, 0, 1], probs: [[0.5], [0.5], [-1], [0.5]] };
  const filtered = filterLabels(labels, { golds: [-1], preds: [-1], probs: [-1] });
  assert.deepEqual(filtered, { golds: [1], preds: [1], probs: [[0.5]] });
});

test("a filter of an array that is not there, or no filter, drops nothing", () => {
  assert.deepEqual(filterLabels({ golds: undefined, preds: [1] }, { golds: [-1] }), {
    golds: undefined,
    preds: [1],
  });
  assert.deepEqual(filterLabels({ golds: [-1] }, {}), { golds: [-1] });
});

test("filtering a single data point keeps an array", () => {
  assert.deepEqual(filterLabels({ golds: [1], probs: [[0.2, 0.8]] }, { golds: [-1] }), {
    golds: [1],
    probs: [[0.2, 0.8]],
  });
});
