import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { install, managerNames, runOptions } from "./managers.ts";
import { type Modules, makeProject, train } from "./project.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();

for (const manager of managerNames) {
  test(`${manager} installs a package that trains at once, and compiles nothing`, async () => {
    const project = makeProject(workplace, join(workplace.folder, manager.replace(/\W+/g, "-")));
    const printed = await install(workplace, project, manager);
    // What pnpm and Yarn say of packages that want to run something when they are installed.
    assert.doesNotMatch(printed, /build scripts:|must be built|node-gyp (re)?build/i);
    assert.ok(!existsSync(join(project, "node_modules", "cmake-js")));
    for (const modules of ["esm", "cjs"] satisfies Modules[]) {
      const { version, ...options } = runOptions(workplace, manager, modules);
      await train(workplace, project, modules, options);
      note(workplace, { installedBy: manager, modules, node: version });
    }
  });
}
