import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, type LibTorch, ownPartial, removeAbandoned } from "../libtorch/index.ts";
import { findBuildPackages } from "./build-packages.ts";
import { compile } from "./compile.ts";
import { compiledFolder } from "./compiled.ts";
import { packageFolder } from "./package.ts";
import { checkTools } from "./tools.ts";

/**
 * Compiles this package for a LibTorch and puts what comes out into the user's cache, where it comes before the prebuilt
 * addon. What an earlier build has put there is replaced at the end, in one step.
 *
 * @returns the folder in the cache.
 */
export function compileIntoCache(libTorch: LibTorch, cache: string = cacheFolder()): string {
  checkTools();
  const packages = findBuildPackages();
  mkdirSync(cache, { recursive: true });
  removeAbandoned(cache, "compile");
  const work = ownPartial(cache, "compile");
  const folder = compiledFolder(cache, libTorch);
  try {
    const release = compile({ root: packageFolder, libTorch, out: work, packages });
    if (existsSync(folder)) renameSync(folder, join(work, "replaced"));
    renameSync(release, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}
