// Which compiled addon this package uses, and how one is compiled. Nothing here needs the native code.
export { type BuildPackages, findBuildPackages } from "./build-packages.ts";
export { type CompileOptions, compile } from "./compile.ts";
export { compileIntoCache } from "./compile-into-cache.ts";
export {
  addonFile,
  type Binary,
  compileRemedy,
  type FindOptions,
  type FoundAddon,
  findBinary,
  listAddons,
  versionFile,
} from "./find.ts";
export { packageFolder, packageVersion } from "./package.ts";
export { checkTools } from "./tools.ts";
