import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Calls every native function with hostile values in a process of their own, which must outlive them. */
export function assertSurvives(
  firstSeed: number,
  cases: number,
): { functions: number; results: number; errors: number } {
  const folder = mkdtempSync(join(tmpdir(), "hostile-native-"));
  try {
    const log = join(folder, "log");
    const child = join(import.meta.dirname, "hostile-child.ts");
    const node = ["--expose-gc", "--import", "tsx", child, log, String(firstSeed), String(cases)];
    const { status, signal, stderr } = spawnSync(process.execPath, node, {
      encoding: "utf8",
      env: { ...process.env, OMP_NUM_THREADS: "1" },
    });
    const last = readFileSync(log, "utf8").trimEnd().split("\n").at(-1) ?? "";
    assert.equal(status, 0, `${signal ?? `exit ${status}`} in ${last}\n${stderr.slice(-2000)}`);
    const [, functions = 0, results = 0, errors = 0] = last.split(" ").map(Number);
    return { functions, results, errors };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
