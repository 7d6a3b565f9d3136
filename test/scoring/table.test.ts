import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsToTable } from "../../lib/scoring/index.ts";

test("parity 16: keys become the columns of a row", () => {
  assert.deepEqual(
    metricsToTable({ "circle/points/valid/accuracy": 0.97, "square/points/test/f1_macro": 0.5 }),
    [
      { label: "circle", dataset: "points", split: "valid", metric: "accuracy", score: 0.97 },
      { label: "square", dataset: "points", split: "test", metric: "f1_macro", score: 0.5 },
    ],
  );
});

test("a key that has not four parts is an error", () => {
  for (const key of ["circle/points/accuracy", "a/b/c/d/e"])
    assert.throws(
      () => metricsToTable({ [key]: 1 }),
      /expected keys of the form label\/dataset\/split\/metric/,
    );
});
