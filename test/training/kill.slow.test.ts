import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { test } from "node:test";
import { folder } from "./resume-runs.ts";

const script = resolve(import.meta.dirname, "killed-child.ts");

/** Runs the training, and kills it some time after it began; what it prints where it ends before. */
async function run(where: string, killAfter = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, ["--import", "tsx", script, where], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  let begin = 0;
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (begin > 0) return;
    begin = performance.now();
    if (Number.isFinite(killAfter)) timer = setTimeout(() => child.kill("SIGKILL"), killAfter);
  });
  const signal = await new Promise((done) => child.on("close", (_, by) => done(by)));
  clearTimeout(timer);
  const duration = performance.now() - begin;
  if (signal === "SIGKILL") return null;
  const { outcome, isContinued } = JSON.parse(printed.slice("begin\n".length));
  return { outcome, isContinued, duration };
}

test("a training that is killed at any moment ends, when continued, as one that is left alone", async (t) => {
  const alone = await run(folder());
  assert(alone !== null);
  let continued = 0;
  for (let round = 0; round < 10; round++) {
    const where = folder();
    const moment: number = Math.random() * alone.duration;
    const killed = await run(where, moment);
    const { outcome, isContinued } = (await run(where)) ?? assert.fail();
    t.diagnostic(
      `killed after ${moment.toFixed()} of ${alone.duration.toFixed()} ms; continued: ${isContinued}`,
    );
    assert.deepEqual(outcome, alone.outcome, `killed after ${moment} ms`);
    if (killed === null && isContinued) continued += 1;
  }
  assert.ok(continued > 0, "no run was continued from a checkpoint");
});
