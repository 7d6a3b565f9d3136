import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { test } from "node:test";

test("each behaviour of Snorkel that has a number has a test that names it", () => {
  const script = resolve(import.meta.dirname, "../../scripts/parity/rows.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout + stderr);
});
