import assert from "node:assert/strict";
import { test } from "node:test";
import { type Modules, runNode, train } from "./project.ts";
import { nodeProgram, nodeVersions } from "./tools.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();

for (const version of nodeVersions) {
  test(`Node.js ${version} trains, with import and with require`, async () => {
    const node = nodeProgram(workplace.tools, version);
    const { stdout } = await runNode(workplace, workplace.shared, ["--version"], { node });
    assert.equal(stdout, `v${version}\n`);
    for (const modules of ["esm", "cjs"] satisfies Modules[]) {
      await train(workplace, workplace.shared, modules, { node });
      note(workplace, { node: version, modules });
    }
  });
}
