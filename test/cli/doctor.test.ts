import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { libraryFile } from "../../lib/libtorch/index.ts";
import { temporaryFolder, versionModule } from "../libtorch/fake-wheel.ts";
import { changedLibTorch } from "./changed-libtorch.ts";
import { bareEnvironment, type CliOptions, runCli } from "./run-cli.ts";

interface Finding {
  check: string;
  status: string;
  summary: string;
  details?: string[];
  fix?: string;
}

async function doctor(
  options: CliOptions,
): Promise<{ status: number | null; findings: Record<string, Finding> }> {
  const { status, stdout, stderr } = await runCli(["doctor", "--json"], options);
  assert.equal(stderr, "");
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  for (const finding of findings) {
    assert.equal(
      finding.fix !== undefined,
      ["failed", "warning"].includes(finding.status),
      JSON.stringify(finding),
    );
  }
  return { status, findings: Object.fromEntries(findings.map((finding) => [finding.check, finding])) };
}

/** A module that runs before the command line does. */
function preload(source: string): string[] {
  return ["--import", `data:text/javascript,${encodeURIComponent(source)}`];
}

test("where all is well every finding says so, after a real training", async () => {
  const { status, findings } = await doctor({});
  assert.equal(status, 0, JSON.stringify(findings));
  const order = ["Node", "Platform", "Addon", "LibTorch", "Libraries", "Training", "Threads", "CUDA"];
  assert.deepEqual(Object.keys(findings), order);
  for (const check of order.slice(0, 6)) assert.equal(findings[check]?.status, "ok", check);
  assert.match(
    findings.Training?.summary ?? "",
    /^160 steps of two tasks on \S+ in [\d.]+ s, accuracy: circle [\d.]+, upper [\d.]+$/,
  );
});

test("without LibTorch doctor names the command that installs it, and ends with 1", async (context) => {
  const cache = temporaryFolder(context);
  const env = bareEnvironment(cache);
  const { status, findings } = await doctor({ env });
  assert.equal(status, 1);
  assert.deepEqual(
    Object.values(findings).map((finding) => finding.status),
    [...["ok", "ok", "ok", "failed"], ...["skipped", "skipped", "skipped", "skipped"]],
  );
  assert.match(findings.LibTorch?.fix ?? "", /^Run `npx snorkel-torch install`/);
  assert.ok(
    findings.LibTorch?.details?.includes(`cache ${join(cache, "libtorch-2.13.0-cpu")}: no such folder`),
  );
  const { stdout } = await runCli(["doctor"], { env });
  assert.match(stdout, /^✖ LibTorch +none found$[^✔]*^ +→ Run `npx snorkel-torch install`/m);
});

test("a cache that is a file is a place without LibTorch", async (context) => {
  const cache = join(temporaryFolder(context), "file");
  writeFileSync(cache, "");
  const { status, findings } = await doctor({ env: bareEnvironment(cache) });
  assert.equal(status, 1);
  assert.match(findings.LibTorch?.fix ?? "", /^Run `npx snorkel-torch install`/);
});

test("a LibTorch of another version is named, with where it is", async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, "lib"));
  writeFileSync(join(folder, "lib", libraryFile("torch_cpu")), "");
  writeFileSync(join(folder, "version.py"), versionModule("2.5.1+cpu"));
  const env = bareEnvironment(temporaryFolder(context), { SNORKEL_TORCH_LIBTORCH: folder });
  const { status, findings } = await doctor({ env });
  assert.equal(status, 1);
  assert.match(findings.LibTorch?.details?.join() ?? "", /is LibTorch 2\.5\.1-cpu, not 2\.13\.0/);
  assert.match(findings.LibTorch?.fix ?? "", /SNORKEL_TORCH_LIBTORCH/);
});

test("a library that does not open is named with the loader's own words", {
  skip: process.platform === "win32",
}, async (context) => {
  const broken = { [`lib/${libraryFile("torch_cpu")}`]: "not a library" };
  const folder = changedLibTorch(temporaryFolder(context), broken);
  const named = await doctor({
    env: bareEnvironment(temporaryFolder(context), { SNORKEL_TORCH_LIBTORCH: folder }),
  });
  assert.equal(named.status, 1);
  const { Libraries: libraries, Training: training } = named.findings;
  assert.equal(libraries?.status, "failed");
  assert.ok(libraries?.details?.includes(`${libraryFile("c10")}: opens`));
  assert.match(
    libraries?.details?.join("\n") ?? "",
    /torch_cpu\.\w+: .*(file too short|invalid ELF header|not a mach-o file)/,
  );
  assert.equal(libraries?.fix, "unset SNORKEL_TORCH_LIBTORCH; npx snorkel-torch install");
  assert.equal(training?.status, "skipped");

  const cache = temporaryFolder(context);
  changedLibTorch(join(cache, "libtorch-2.13.0-cpu"), broken);
  const cached = await doctor({ env: bareEnvironment(cache) });
  assert.equal(cached.findings.Libraries?.fix, "npx snorkel-torch install --force");
});

test("a crash of the training is reported, and not suffered", {
  skip: process.platform === "win32",
}, async () => {
  const source = `if (process.argv[1].includes("training-child")) setTimeout(() => process.kill(process.pid, "SIGSEGV"));`;
  const env = { ...process.env, NODE_OPTIONS: preload(source).join(" ") };
  const { status, findings } = await doctor({ env });
  assert.equal(status, 1);
  assert.equal(findings.Training?.status, "failed");
  assert.equal(findings.Training?.summary, "it ended with SIGSEGV");
  assert.equal(findings.Libraries?.status, "ok");
  assert.equal(findings.Threads?.status, "skipped");
});

test("a system with musl is told what to use", { skip: process.platform !== "linux" }, async (context) => {
  const node = preload("process.report.getReport = () => ({ header: {} });");
  const { status, findings } = await doctor({ env: bareEnvironment(temporaryFolder(context)), node });
  assert.equal(status, 1);
  assert.match(findings.Platform?.summary ?? "", /, musl; .* is musl, and LibTorch needs glibc$/);
  assert.match(findings.Platform?.fix ?? "", /glibc, such as node:22-slim/);
});

test("a glibc that is too old is told what is needed", {
  skip: process.platform !== "linux",
}, async (context) => {
  const node = preload(`process.report.getReport = () => ({ header: { glibcVersionRuntime: "2.17" } });`);
  const { findings } = await doctor({ env: bareEnvironment(temporaryFolder(context)), node });
  assert.match(findings.Platform?.summary ?? "", /glibc 2\.17; .*glibc 2\.28 or later is needed$/);
});

test("without a build the command that makes one is named", async (context) => {
  const env = bareEnvironment(temporaryFolder(context), { SNORKEL_TORCH_BUILD_DIR: "build/none" });
  const { status, findings } = await doctor({ env });
  assert.equal(status, 1);
  assert.equal(findings.Addon?.status, "failed");
  assert.match(findings.Addon?.details?.join() ?? "", /build\/none\S*: no such file/);
  assert.match(findings.Addon?.fix ?? "", /`npm run build:all/);
});
