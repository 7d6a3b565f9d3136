import assert from "node:assert/strict";
import { test } from "node:test";
import { runHostile } from "./hostile-run.ts";

test("every operator answers hostile arguments with a result or an error, never a crash", async (t) => {
  const report = await runHostile(200);
  t.diagnostic(`${report.operators} operators, ${report.results} results, ${report.errors} errors`);
  assert.deepEqual(report.crashes, []);
  assert.ok(report.operators > 1000 && report.results > 50_000 && report.errors > 50_000);
});
