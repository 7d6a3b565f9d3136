import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";

/** Runs an example with its default seed in a folder of its own, and reads the scores off the last line. */
export async function runExample(test: TestContext, name: string, ...options: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "snorkel-torch-example-"));
  test.after(() => rm(folder, { recursive: true }));
  const script = resolve(import.meta.dirname, "../examples", name);
  const command = ["--import", import.meta.resolve("tsx"), script, "--json", ...options];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: folder });
  const scores: Record<string, number> = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  return { folder, stdout, scores };
}

export function assertAtLeast(scores: Record<string, number>, name: string, bound: number): void {
  const score = scores[name] ?? Number.NaN;
  assert.ok(score >= bound, `${name} is ${score}, not ${bound} or more`);
}
