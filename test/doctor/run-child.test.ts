import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkThreads } from "../../lib/doctor/check-threads.ts";
import { runChild } from "../../lib/doctor/run-child.ts";
import { temporaryFolder } from "../libtorch/fake-wheel.ts";

function run(context: TestContext, source: string, timeout = 60_000) {
  const path = join(temporaryFolder(context), "child.mjs");
  writeFileSync(path, source);
  return runChild(path, ["given"], timeout);
}

test("a child's messages arrive, in order", async (context) => {
  const source = "process.send(process.argv[2]); process.send({ n: 1 }); process.disconnect();";
  assert.deepEqual(await run(context, source), { messages: ["given", { n: 1 }] });
});

test("a child that ends otherwise says how, with its last words", async (context) => {
  const thrown = await run(context, `process.send(1); throw new Error("no luck");`);
  assert.deepEqual(thrown.messages, [1]);
  assert.match(thrown.failure ?? "", /^it ended with exit code 1\n[\s\S]*Error: no luck/);
  const exited = await run(context, "process.exit(3);");
  assert.equal(exited.failure, "it ended with exit code 3");
});

test("a child that crashes is named by its signal", {
  skip: process.platform === "win32",
}, async (context) => {
  const { failure } = await run(context, `process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 1e6);`);
  assert.equal(failure, "it ended with SIGSEGV");
});

test("a child that hangs is ended", async (context) => {
  const { failure } = await run(context, "setInterval(() => {}, 1000);", 1000);
  assert.match(failure ?? "", /^it was ended after 1 s/);
});

test("more threads than cores are too many", () => {
  const cores = availableParallelism();
  assert.equal(checkThreads(cores, {}).status, "ok");
  const finding = checkThreads(cores + 1, { OMP_NUM_THREADS: String(cores + 1) });
  assert.equal(finding.status, "warning");
  assert.match(
    finding.summary,
    new RegExp(`\\(OMP_NUM_THREADS=${cores + 1}\\), which then wait for one another$`),
  );
  assert.equal("fix" in finding && finding.fix, `export OMP_NUM_THREADS=${cores}`);
});
