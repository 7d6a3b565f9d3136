import assert from "node:assert/strict";
import { test } from "node:test";
import { runHostile } from "./hostile-run.ts";

test("every operator survives two hostile calls", async (t) => {
  const report = await runHostile(2);
  t.diagnostic(`${report.operators} operators, ${report.results} results, ${report.errors} errors`);
  assert.deepEqual(report.crashes, []);
  assert.ok(report.operators > 1000);
});
