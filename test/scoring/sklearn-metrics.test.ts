import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { METRIC_NAMES } from "../../lib/scoring/index.ts";
import { bound, differences, type MetricsGolden } from "../../scripts/parity/metrics.ts";

const golden: MetricsGolden = JSON.parse(
  readFileSync(new URL("../goldens/sklearn_metrics.json", import.meta.url), "utf8"),
);
const all = differences(golden);

for (const name of [...new Set(all.map(({ metric }) => metric))]) {
  test(`${name} gives scikit-learn's numbers`, () => {
    const found = all.filter(({ metric }) => metric === name);
    assert.ok(found.length >= 15, `${found.length} comparisons`);
    for (const { difference, what } of found) assert.ok(difference <= bound, what);
  });
}

test("every metric is compared with scikit-learn, except for Snorkel's own coverage", () => {
  const compared = new Set(all.map(({ metric }) => metric));
  assert.deepEqual(
    METRIC_NAMES.filter((name) => !compared.has(name)),
    ["coverage"],
  );
});
