import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { install, type Modules, makeProject, managers, train } from "./project.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();

for (const manager of managers) {
  test(`${manager} installs a package that trains at once, and compiles nothing`, async () => {
    const project = makeProject(workplace, join(workplace.folder, manager.replace(" ", "-")));
    const printed = await install(workplace, project, manager);
    // What pnpm and Yarn say of packages that want to run something when they are installed.
    assert.doesNotMatch(printed, /build scripts:|must be built|node-gyp (re)?build/i);
    assert.ok(!existsSync(join(project, "node_modules", "cmake-js")));
    for (const modules of ["esm", "cjs"] satisfies Modules[]) {
      await train(workplace, project, modules);
      note(workplace, { installedBy: manager, modules });
    }
  });
}
