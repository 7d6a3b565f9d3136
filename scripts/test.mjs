// Runs the tests: `node scripts/test.mjs [--slow] [file...]`. Slow ones are named *.slow.test.ts; those in test/package are
// for test/package/main.ts.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";

process.chdir(resolve(import.meta.dirname, ".."));
const given = process.argv.slice(2);
const slow = given.includes("--slow");
const named = given.filter((argument) => !argument.startsWith("--"));
const options = given.filter((argument) => argument.startsWith("--") && argument !== "--slow");

const found = readdirSync("test", { recursive: true })
  .map((name) => join("test", name))
  .filter((name) => !name.startsWith(join("test", "package")))
  .filter((name) => name.endsWith(".test.ts") && name.endsWith(".slow.test.ts") === slow)
  .sort();
const files = named.length > 0 ? named : found;
if (files.length === 0) {
  console.error("[test] expected at least one test file, found none");
  process.exit(1);
}
const node = ["--expose-gc", "--import", "tsx", "--test", "--test-reporter=spec"];
// The files run beside each other: with several threads each they would only wait for one another.
const env = { OMP_NUM_THREADS: "1", ...process.env };
const run = spawnSync(process.execPath, [...node, ...options, ...files], { stdio: "inherit", env });
process.exit(run.status ?? 1);
