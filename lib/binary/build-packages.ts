import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageFolder } from "./package.ts";

/** What compiling takes from npm; who uses a prebuilt addon needs none of it. */
export interface BuildPackages {
  /** The script of cmake-js. */
  cmakeJs: string;
  /** The headers of node-addon-api. */
  nodeAddonApi: string;
}

/**
 * Finds the packages that compiling takes: beside this package, or in the project of the working directory.
 *
 * @throws Error with the command that installs what is missing.
 */
export function findBuildPackages(project: string = process.cwd()): BuildPackages {
  const cmakeJs = find("cmake-js/bin/cmake-js", project);
  const nodeAddonApi = find("node-addon-api/package.json", project);
  if (cmakeJs !== undefined && nodeAddonApi !== undefined)
    return { cmakeJs, nodeAddonApi: dirname(nodeAddonApi) };
  const missing = [cmakeJs ? [] : "cmake-js", nodeAddonApi ? [] : "node-addon-api"].flat();
  throw new Error(
    `[build] expected the packages that compile the native code, got a project without ${missing.join(" and ")}. Run ` +
      "`npm install --save-dev cmake-js node-addon-api`",
  );
}

function find(file: string, project: string): string | undefined {
  for (const folder of [packageFolder, project]) {
    try {
      return createRequire(join(folder, "package.json")).resolve(file);
    } catch {
      // The next folder may have it.
    }
  }
  return undefined;
}
