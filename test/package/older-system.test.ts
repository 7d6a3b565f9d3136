import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runsDebian, unpackDebian } from "./debian.ts";
import { programs, runNode } from "./project.ts";
import { nodeProgram } from "./tools.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();
const node = "20.19.0";

/** The C and C++ libraries of Debian 11, the oldest that Debian's servers still have. */
const debian11 = [
  "g/glibc/libc6_2.31-13+deb11u11_amd64.deb",
  "g/gcc-10/libgcc-s1_10.2.1-6_amd64.deb",
  "g/gcc-10/libstdc++6_10.2.1-6_amd64.deb",
];

test("the prebuilt addon runs on the libraries of an older system", {
  skip: !runsDebian,
}, async (context) => {
  const folder = join(workplace.folder, "debian-11");
  try {
    await unpackDebian(folder, debian11);
  } catch (error) {
    return context.skip(`no Debian 11: ${error}`);
  }
  const libraries = join(folder, "lib", "x86_64-linux-gnu");
  const loader = readdirSync(libraries).find((name) => /^ld-2\.\d+\.so$/.test(name)) ?? "";
  const path = [libraries, join(folder, "usr", "lib", "x86_64-linux-gnu")].join(":");
  const run = (...script: string[]) =>
    runNode(
      workplace,
      workplace.shared,
      ["--library-path", path, nodeProgram(workplace.tools, node), ...script],
      {
        node: join(libraries, loader),
      },
    );
  const { stdout: glibc } = await run("-p", "process.report.getReport().header.glibcVersionRuntime");
  assert.equal(glibc, "2.31\n");
  const { stdout, stderr } = await run(programs.esm);
  assert.equal(stderr, "");
  assert.deepEqual(withoutWeights(stdout), withoutWeights(workplace.trained));
  note(workplace, { case: "the libraries of Debian 11: glibc 2.31, GCC 10", node });
});

/** Another C library may round otherwise. */
function withoutWeights(line: string): object {
  const { weight, ...rest } = JSON.parse(line);
  assert.ok(weight);
  return rest;
}
