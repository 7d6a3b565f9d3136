import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import type { Report } from "../../bench/report.ts";
import { formatReport, formatResults, formatSummary } from "../../bench/table.ts";
import { makeResult } from "./results.ts";

const root = resolve(import.meta.dirname, "../..");
const results = [
  makeResult("tiny", "recorded", 50),
  makeResult("tiny", "snorkel", 1000),
  makeResult("big", "recorded", 10_000),
];

describe("formatReport", () => {
  it("has a row per workload, and how the others compare with the first subject", () => {
    const [steps] = formatReport({ results }).split("\n\n");
    assert.equal(
      steps,
      [
        "| us per step | snorkel-torch | Python Snorkel |",
        "| --- | ---: | ---: |",
        "| tiny | 50.0 | 1000 (20.00x) |",
        "| big | 10000 |  |",
      ].join("\n"),
    );
  });

  it("does without the first subject", () => {
    assert.match(formatReport({ results: [makeResult("tiny", "floor", 5)] }), /\| tiny \| 5\.00 \|$/m);
  });

  it("has the memory in MiB, the start-up in seconds and the event loop in milliseconds", () => {
    const startup = [{ subject: "snorkel" as const, seconds: 3, runs: [3] }];
    const delay = { workload: "big", subject: "eager" as const, p50: 1, p99: 2, max: 3 };
    const [result] = results;
    const withMemory = result ? [{ ...result, residentMemory: 2 ** 28 }] : [];
    const report = formatReport({ results: withMemory, extras: { startup, eventLoopDelay: [delay] } });
    for (const row of [
      "| tiny | 256 |",
      "| Python Snorkel | 3.00 |",
      "| big: snorkel-torch, eager | 1.0 | 2.0 | 3.0 |",
    ])
      assert.ok(report.includes(row), report);
  });

  for (const file of ["cpu", "cuda-h100"]) {
    it(`is in the documentation as of the committed result, ${file}`, () => {
      const report = JSON.parse(readFileSync(join(root, `bench/results/${file}.json`), "utf8")) as Report;
      assert.ok(readFileSync(join(root, "docs/benchmark.md"), "utf8").includes(formatReport(report)));
    });
  }
});

describe("formatSummary", () => {
  const report = JSON.parse(readFileSync(join(root, "bench/results/cpu.json"), "utf8")) as Report;

  it("has what most would use instead, and names the machine", () => {
    const machine = { ...report.machine, cpu: "A Processor", cores: 2, node: "v20.1.0", libTorch: "2.13.0" };
    const shown = [...results, makeResult("tiny", "floor", 40)];
    const summary = formatSummary({ date: "2026-11-26T00:00:00Z", machine, results: shown });
    assert.match(summary, /^\| us per step \| snorkel-torch \| Python Snorkel \|$/m);
    assert.match(
      summary,
      /^Measured on 2 cores of A Processor, Node\.js 20\.1\.0, LibTorch 2\.13\.0, 2026-11-26\.$/m,
    );
  });

  it("is on the front page as of the committed result", () => {
    assert.ok(readFileSync(join(root, "README.md"), "utf8").includes(formatSummary(report)));
  });
});

describe("formatResults", () => {
  it("shows each median with its range", () => {
    const [, line] = formatResults(results.slice(0, 2)).split("\n");
    assert.match(line ?? "", /snorkel +1000 us per step {2}\(1000 to 1000\) {2}20\.00x/);
  });
});
