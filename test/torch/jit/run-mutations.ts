import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** More than a process takes that loads the whole file; far less than a size that damage may claim. */
const mostMegabytes = 600;

/** Loads damaged copies of a golden file in a process of their own, which must outlive them and stay small. */
export function assertSurvives(
  file: string,
  firstSeed: number,
  cases: number,
): { loaded: number; refused: number } {
  const folder = mkdtempSync(join(tmpdir(), "mutations-"));
  try {
    const log = join(folder, "log");
    const child = join(import.meta.dirname, "mutate-child.ts");
    const node = ["--import", "tsx", child, file, folder, log, String(firstSeed), String(cases)];
    const { status, signal, stderr } = spawnSync(process.execPath, node, {
      encoding: "utf8",
      env: { ...process.env, OMP_NUM_THREADS: "1" },
    });
    const last = readFileSync(log, "utf8").trimEnd().split("\n").at(-1) ?? "";
    assert.equal(status, 0, `${signal ?? `exit ${status}`} in ${last}\n${stderr.slice(-2000)}`);
    const [, loaded = 0, refused = 0, megabytes = 0] = last.split(" ").map(Number);
    assert.ok(megabytes < mostMegabytes, `${megabytes} MB`);
    return { loaded, refused };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
