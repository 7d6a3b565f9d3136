import assert from "node:assert/strict";
import { test } from "node:test";
import { classificationReport, confusionMatrix } from "../../lib/scoring/index.ts";

const GOLDS = [0, 1, 2, 2, -1];
const PREDS = [0, 2, 2, 2, 1];

test("a report has a row for each class and each average, without abstains", () => {
  const rows = classificationReport(GOLDS, PREDS, { names: ["ant", "bee", "cat"] });
  assert.deepEqual(
    rows.map(({ label }) => label),
    ["ant", "bee", "cat", "micro avg", "macro avg", "weighted avg"],
  );
  assert.deepEqual(rows[2], { label: "cat", precision: 2 / 3, recall: 1, f1: 0.8, support: 2 });
  assert.deepEqual(rows[3], { label: "micro avg", precision: 0.75, recall: 0.75, f1: 0.75, support: 4 });
});

test("of several labels there is a row for each, and averages over data points too", () => {
  const rows = classificationReport(
    [
      [1, 0],
      [1, -1],
    ],
    [
      [1, 0],
      [0, 1],
    ],
    { names: ["a", "b"] },
  );
  assert.deepEqual(rows[0], { label: "a", precision: 1, recall: 0.5, f1: 2 / 3, support: 2 });
  assert.deepEqual(rows.at(-1), { label: "samples avg", precision: 0.5, recall: 0.5, f1: 0.5, support: 2 });
});

test("a confusion matrix is data, by gold and predicted class", () => {
  assert.deepEqual(confusionMatrix(GOLDS, PREDS), {
    labels: [0, 1, 2],
    matrix: [
      [1, 0, 0],
      [0, 0, 1],
      [0, 0, 2],
    ],
  });
  assert.deepEqual(confusionMatrix(GOLDS, PREDS, { abstainLabel: null }).labels, [-1, 0, 1, 2]);
});

test("a confusion matrix shows the classes that are named, as counts or as shares", () => {
  const matrix = (options: object) => confusionMatrix(GOLDS, PREDS, options).matrix;
  assert.deepEqual(matrix({ labels: [2, 0] }), [
    [2, 0],
    [0, 1],
  ]);
  assert.deepEqual(matrix({ normalize: "pred" })[1], [0, 0, 1 / 3]);
  assert.deepEqual(matrix({ normalize: "true", labels: [0, 1, 2, 3] })[3], [0, 0, 0, 0]);
  assert.throws(() => matrix({ normalize: "rows" }), /Did you mean/);
});

test("nothing to report, and options that are not there, are errors", () => {
  assert.throws(() => classificationReport([-1], [0]), /at least one label/);
  assert.throws(() => classificationReport(GOLDS, PREDS, { name: [] } as object), /Did you mean "names"/);
  assert.throws(() => confusionMatrix([[1, 0]], [[1, 0]]), /one label per row for golds/);
});
