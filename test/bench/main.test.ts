import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import type { Report } from "../../bench/report.ts";

it("npm run bench measures this package and writes what it found", async (test) => {
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-bench-test-"));
  test.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "report.json");
  const script = resolve(import.meta.dirname, "../../bench/main.ts");
  const options = [
    "--quick",
    "--workload",
    "tiny",
    "--subject",
    "recorded,eager",
    "--rounds",
    "2",
    "--json",
    file,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script, ...options]);
  assert.match(stdout, /\| tiny \|/);

  const { machine, results } = JSON.parse(readFileSync(file, "utf8")) as Report;
  assert.equal(machine.node, process.version);
  assert.equal(machine.python, undefined);
  assert.deepEqual(
    results.map(({ workload, subject }) => `${workload}/${subject}`),
    ["tiny/recorded", "tiny/eager"],
  );
  for (const { rounds, usPerStep, min, max, initialLoss, finalLoss } of results) {
    assert.equal(rounds.length, 2);
    assert.ok(min > 0 && min <= usPerStep && usPerStep <= max);
    assert.ok(finalLoss < initialLoss);
  }
});
