import assert from "node:assert/strict";
import { test } from "node:test";
import { type MetricName, metricScore, Scorer } from "../../lib/scoring/index.ts";

const GOLDS = [
  [1, 0, -1],
  [0, 1, 1],
  [-1, -1, -1],
];
const PREDS = [
  [1, 1, 1],
  [0, 1, 0],
  [0, 1, 0],
];
const PROBS = [
  [0.9, 0.8, 0.7],
  [0.2, 0.6, 0.4],
  [0.1, 0.9, 0.3],
];

const score = (...metrics: MetricName[]) => new Scorer({ metrics }).score(GOLDS, PREDS, PROBS);

test("of several labels those that are -1 are left out, and no others", () => {
  assert.deepEqual(score("hamming_loss", "accuracy", "recall_micro", "precision_samples"), {
    hamming_loss: 2 / 5,
    accuracy: 0,
    recall_micro: 2 / 3,
    precision_samples: 3 / 4,
  });
});

test("a label of -1 is left out of rankings", () => {
  const golds = [
    [1, 0],
    [0, 1],
    [-1, 1],
  ];
  const probs = [
    [0.9, 0.1],
    [0.2, 0.8],
    [1, 0.9],
  ];
  const filterDict = { golds: [-1] };
  assert.equal(metricScore(golds, undefined, probs, { metric: "roc_auc_macro", filterDict }), 1);
});

test("without any label of them there is nothing to score", () => {
  const scores = new Scorer({ metrics: ["f1_macro", "roc_auc_macro"] }).score([[-1, -1]], [[0, 1]], [[0, 1]]);
  assert.deepEqual(scores, { f1_macro: Number.NaN, roc_auc_macro: Number.NaN });
});

test("missing values of a regression with several outputs are left out, output by output", () => {
  const [golds, probs] = [
    [
      [1, -1],
      [3, 5],
    ],
    [
      [2, 9],
      [3, 7],
    ],
  ];
  const scores = new Scorer({ metrics: ["mae", "max_error"] }).score(golds, undefined, probs);
  assert.deepEqual(scores, { mae: (0.5 + 2) / 2, max_error: 2 });
});

test("what is not 0 or 1, other numbers of labels, and metrics of classes, are errors", () => {
  const of = (metric: MetricName, golds: number[][], preds: number[][]) => () =>
    metricScore(golds, preds, preds, { metric });
  assert.throws(of("f1_macro", [[0, 2]], [[0, 1]]), /0 or 1 for each of several labels for golds, got 2/);
  assert.throws(of("f1_macro", [[0, 1]], [[0, 1, 1]]), /\[f1_macro\] expected 3 labels per row for golds/);
  assert.throws(of("roc_auc_macro", [[0, 1]], [[0, 1, 1]]), /expected 2 columns, one per label, for probs/);
  assert.throws(
    of("f1", [[0, 1]], [[0, 1]]),
    /\[f1\] expected one label per row for golds, got 2 .*f1_macro/,
  );
  assert.throws(of("mae", [[0, 1]], [[0, 1, 1]]), /expected 2 columns, as golds has, for probs, got 3/);
  assert.throws(
    of(
      "mae",
      [[0, 1], [0]],
      [
        [0, 1],
        [1, 1],
      ],
    ),
    /expected 2 numbers for golds\[1\]/,
  );
  assert.throws(of("roc_auc_macro", [[7]], [[0.2, 0.8]].slice()), /expected classes from 0 to 1/);
  for (const row of [[], {}, null])
    assert.throws(of("f1_macro", [row] as number[][], [[0, 1]]), /at least one number per row for golds/);
  assert.throws(
    of("mae", [[0, "1"]] as number[][], [[0, 1]]),
    /\[mae\] expected numbers for golds\[0\]\[1\], got "1"/,
  );
  assert.throws(of("f1_samples", [[1]], [[1]]), /several labels per row for golds/);
});

test("a single column of probabilities is that of class 1, for averages as well", () => {
  const golds = [0, 1, 1, 0];
  for (const column of [
    [0.1, 0.9, 0.4, 0.6],
    [[0.1], [0.9], [0.4], [0.6]],
  ]) {
    for (const average of ["micro", "macro", "weighted"] as const) {
      for (const metric of ["roc_auc", "average_precision"] as const) {
        const wanted = metricScore(golds, undefined, column, { metric });
        assert.equal(metricScore(golds, undefined, column, { metric: `${metric}_${average}` }), wanted);
      }
    }
  }
});
