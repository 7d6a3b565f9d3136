import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { METRIC_NAMES, type MetricName, metricScore } from "../../lib/scoring/index.ts";

type Golden = number | "nan" | "error" | "empty";
interface Scored {
  filtered: boolean;
  golds: number[];
  preds: number[];
  probs: number[][];
  scores: Record<string, Golden>;
  fbeta: Golden[];
}
const goldens: { betas: number[]; scored: Scored[] } = JSON.parse(
  readFileSync(new URL("../goldens/metrics.json", import.meta.url), "utf8"),
);

function assertScores(golden: Golden, compute: () => number, what: string): void {
  if (golden === "error") {
    assert.throws(compute, TypeError, what);
  } else {
    const expected = typeof golden === "number" ? golden : Number.NaN;
    const score = compute();
    const equal = Object.is(score, expected) || Math.abs(score - expected) <= 1e-12;
    assert.ok(equal, `${what}: ${score}, Python ${golden}`);
  }
}

test("parity 54: Snorkel's ten metrics are there", () => {
  const names =
    "accuracy coverage precision recall f1 f1_micro f1_macro fbeta matthews_corrcoef roc_auc".split(" ");
  assert.deepEqual(
    METRIC_NAMES.filter((name) => names.includes(name)),
    names,
  );
});

for (const name of METRIC_NAMES.filter((metric) => metric in (goldens.scored[0]?.scores ?? {}))) {
  test(`parity 54: ${name} gives Python's numbers`, () => {
    assert.equal(goldens.scored.length, 200);
    for (const { golds, preds, probs, filtered, scores } of goldens.scored) {
      const filterDict = filtered && name !== "coverage" ? { golds: [-1], preds: [-1] } : {};
      const score = () => metricScore(golds, preds, probs, { metric: name, filterDict });
      assertScores(scores[name] as Golden, score, `golds [${golds}] preds [${preds}] probs [${probs}]`);
    }
  });
}

test("parity 54: fbeta gives Python's numbers for each beta", () => {
  for (const { golds, preds, filtered, fbeta } of goldens.scored)
    for (const [index, beta] of goldens.betas.entries()) {
      const filterDict = filtered ? { golds: [-1], preds: [-1] } : {};
      const score = () => metricScore(golds, preds, undefined, { metric: "fbeta", filterDict, beta });
      assertScores(fbeta[index] as Golden, score, `beta ${beta} golds [${golds}] preds [${preds}]`);
    }
});

test("fbeta is F1 without a beta, and refuses a negative one", () => {
  const [golds, preds] = [
    [0, 1, 1, 1, 0],
    [1, 1, 0, 1, 0],
  ];
  const score = (metric: MetricName, beta?: number) => metricScore(golds, preds, undefined, { metric, beta });
  assert.equal(score("fbeta"), score("f1"));
  assert.throws(() => score("fbeta", -1), /expected a number at least 0 for beta, got -1/);
});

test("parity 55: the metric is accuracy unless another is named", () => {
  assert.equal(metricScore([0, 1, 1, 0], [0, 1, 0, 0]), 0.75);
});

test("parity 55: an unknown metric is an error that names the nearest", () => {
  const options = { metric: "acuracy" as MetricName };
  assert.throws(() => metricScore([0], [0], undefined, options), /got "acuracy"\. Did you mean "accuracy"\?/);
});

test("parity 55: an input that a metric needs and did not get is an error", () => {
  assert.throws(() => metricScore([0, 1]), /\(metric accuracy needs it\) for preds, got undefined/);
  assert.throws(() => metricScore(undefined, [0, 1]), /for golds, got undefined/);
  assert.throws(
    () => metricScore([0, 1], [0, 1], undefined, { metric: "roc_auc" }),
    /for probs, got undefined/,
  );
});

test("parity 55: a filter for anything but golds, preds and probs is an error", () => {
  const filterDict = { gold: [-1] } as object;
  assert.throws(
    () => metricScore([0], [0], undefined, { filterDict }),
    /got "gold"\. Did you mean "golds"\?/,
  );
});

test("parity 55: filters drop data points before scoring", () => {
  const [golds, preds] = [
    [1, 1, 1, 2, -1],
    [1, 1, 2, 2, 1],
  ];
  assert.equal(metricScore(golds, preds, undefined, { filterDict: { golds: [-1] } }), 0.75);
  assert.equal(metricScore(golds, preds, undefined, { filterDict: { golds: [-1], preds: [2] } }), 1);
});

test("parity 56: labels may have shape [n, 1], others and non-integers are errors", () => {
  assert.equal(metricScore([[0], [1]], new Float32Array([0, 1])), 1);
  assert.throws(() => metricScore([0, 0.5], [0, 1]), /expected integers for golds, got 0.5/);
  assert.throws(
    () =>
      metricScore(
        [
          [0, 1],
          [1, 0],
        ],
        [0, 1],
      ),
    /expected one label per row/,
  );
});

test("parity 57: f1 is for two classes, whether golds or preds name a third", () => {
  const f1 = (golds: number[], preds: number[]) => () =>
    metricScore(golds, preds, undefined, { metric: "f1" });
  assert.throws(
    f1([0, 1, 2], [0, 1, 1]),
    /\[f1\] expected the labels 0 and 1 .* got 2 .* f1_micro, f1_macro/,
  );
  assert.throws(f1([0, 1, 1], [0, 1, 2]), /\[f1\] expected the labels 0 and 1/);
  assert.throws(f1([1, 1], [1, 2]), /\[f1\] expected the labels 0 and 1/);
});

test("parity 57: roc_auc takes the second of two columns, or the only one", () => {
  const auc = (probs: number[][]) => metricScore([0, 1, 1], undefined, probs, { metric: "roc_auc" });
  assert.equal(
    auc([
      [9, 0.1],
      [9, 0.8],
      [9, 0.9],
    ]),
    1,
  );
  assert.equal(auc([[0.1], [0.8], [0.9]]), 1);
  assert.throws(
    () => auc([0, 1, 2].map(() => [0.2, 0.3, 0.5])),
    /\[roc_auc\] expected two columns for probs, got 3.*roc_auc_macro/,
  );
  assert.throws(
    () => auc([0, 1, 2].map(() => [0, Number.NaN])),
    /\[roc_auc\] expected a finite number for probs\[0\]\[1\], got NaN/,
  );
});

test("parity 57: coverage is the share of predictions that are no abstains", () => {
  assert.equal(metricScore(undefined, [0, -1, 1, -1], undefined, { metric: "coverage" }), 0.5);
});

test("what a metric does not need is not looked at", () => {
  assert.equal(metricScore([0.25, 0.5], [0, -1], [0.1, 0.2], { metric: "coverage" }), 0.5);
});

test("a metric without any data point to score is NaN", () => {
  const filterDict = { golds: [-1], preds: [-1] };
  const probs = [
    [0.5, 0.5],
    [0.5, 0.5],
  ];
  for (const metric of METRIC_NAMES) {
    if (metric === "coverage") continue;
    assert.ok(Number.isNaN(metricScore([-1, 0], [0, -1], probs, { metric, filterDict })), metric);
  }
  assert.ok(Number.isNaN(metricScore([], [], [], { metric: "coverage" })));
});

test("inputs of different lengths, and inputs that are no arrays, are errors", () => {
  assert.throws(() => metricScore([0, 1], [0]), /expected 2 elements, as golds has for preds, got 1/);
  assert.throws(() => metricScore(5 as unknown as number[], [0]), /expected an array for golds, got 5/);
});

test("metrics take hundreds of thousands of data points and of classes", () => {
  const golds = Int32Array.from({ length: 300_000 }, (_, row) => row);
  assert.equal(metricScore(golds, golds, undefined, { metric: "f1_macro" }), 1);
  assert.throws(() => metricScore(golds, golds, undefined, { metric: "f1" }), /expected the labels 0 and 1/);
});
