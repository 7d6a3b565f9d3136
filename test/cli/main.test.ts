import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { nodeVersions, supportsNode } from "../../lib/node-version.ts";
import { runCli } from "./run-cli.ts";

const root = resolve(import.meta.dirname, "../..");
const { version, engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

test("--version gives the version of the package", async () => {
  assert.deepEqual(await runCli(["--version"]), { status: 0, stdout: `${version}\n`, stderr: "" });
});

test("--help lists the commands, and that of a command its options", async () => {
  const { status, stdout } = await runCli(["--help"]);
  assert.equal(status, 0);
  for (const command of ["install", "doctor", "info"])
    assert.match(stdout, new RegExp(`^  ${command} `, "m"));
  const install = await runCli(["install", "--help"]);
  for (const option of ["--cpu", "--cuda", "--from-file", "--dir", "--force"]) {
    assert.match(install.stdout, new RegExp(`^  ${option}\\b`, "m"));
  }
});

test("an unknown command or option ends with 1, and the nearest is named", async () => {
  const command = await runCli(["instal"]);
  assert.equal(command.status, 1);
  assert.match(command.stderr, /unknown command 'instal'\n\(Did you mean install\?\)/);
  const option = await runCli(["doctor", "--jsn"]);
  assert.equal(option.status, 1);
  assert.match(option.stderr, /unknown option '--jsn'\n\(Did you mean --json\?\)/);
});

test("options that contradict each other are refused", async () => {
  const { status, stderr } = await runCli(["install", "--cpu", "--cuda"]);
  assert.equal(status, 1);
  assert.match(stderr, /'--cpu' cannot be used with option '--cuda/);
});

test("the versions of Node are those of package.json, and an older one is told so", () => {
  assert.equal(engines.node, "^20.19.0 || >=22.12.0");
  for (const supported of ["20.19.0", "20.20.2", "22.12.0", "22.21.1", "24.0.0", "26.1.0"])
    assert.ok(supportsNode(supported));
  for (const older of ["18.20.0", "20.18.3", "21.7.3", "22.11.0"]) assert.ok(!supportsNode(older));
  const source = `Object.defineProperty(process.versions, "node", { value: "18.20.0" });`;
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  const run = spawnSync(process.execPath, ["--import", "tsx", "--import", url, "lib/cli.ts", "doctor"], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(run.status, 1);
  assert.equal(
    run.stderr,
    `[cli] expected Node ${nodeVersions}, got 18.20.0. Install one: https://nodejs.org\n`,
  );
});

test("a reader that has seen enough ends the command quietly", { skip: process.platform === "win32" }, () => {
  const command = `"${process.execPath}" --import tsx lib/cli.ts --help | head -1`;
  const run = spawnSync("sh", ["-c", command], { cwd: root, encoding: "utf8" });
  assert.equal(run.stderr, "");
});
