import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import type { Report } from "../../bench/report.ts";
import { formatResults, formatTable } from "../../bench/table.ts";
import { makeResult } from "./results.ts";

const root = resolve(import.meta.dirname, "../..");
const results = [
  makeResult("tiny", "recorded", 50),
  makeResult("tiny", "snorkel", 1000),
  makeResult("big", "recorded", 10_000),
];

describe("formatTable", () => {
  it("has a row per workload, and how the others compare with the first subject", () => {
    assert.equal(
      formatTable({ results }),
      [
        "| us per step | snorkel-torch | Python Snorkel |",
        "| --- | ---: | ---: |",
        "| tiny | 50.0 | 1000 (20.00x) |",
        "| big | 10000 |  |",
      ].join("\n"),
    );
  });

  it("does without the first subject", () => {
    assert.match(formatTable({ results: [makeResult("tiny", "floor", 5)] }), /\| tiny \| 5\.00 \|$/);
  });

  it("is in the documentation as of the committed result", () => {
    const report = JSON.parse(readFileSync(join(root, "bench/results/cpu.json"), "utf8")) as Report;
    assert.ok(readFileSync(join(root, "docs/benchmark.md"), "utf8").includes(formatTable(report)));
  });
});

describe("formatResults", () => {
  it("shows each median with its range", () => {
    const [, line] = formatResults(results.slice(0, 2)).split("\n");
    assert.match(line ?? "", /snorkel +1000 us per step {2}\(1000 to 1000\) {2}20\.00x/);
  });
});
