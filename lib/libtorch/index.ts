// Which LibTorch this package uses and where it comes from. Nothing here needs the native code.
export { cacheFolder, namesIn } from "./cache.ts";
export { ChecksumError } from "./download.ts";
export { checkNotCutOff } from "./elf.ts";
export { type Attempt, LibTorchFetchError, LibTorchLoadError, reasonOf } from "./errors.ts";
export { type FetchOptions, fetchLibTorch } from "./fetch.ts";
export { installFromFiles } from "./from-files.ts";
export type { InstallOptions } from "./install.ts";
export { librariesToOpen } from "./libraries.ts";
export { ownPartial, removeAbandoned } from "./partial.ts";
export { glibcVersion, libraryFile, muslReason, muslRemedy, usesMusl } from "./platform.ts";
export { repairCommand } from "./repair.ts";
export { type LocatedLibTorch, locateLibTorch, type ResolveOptions, resolveLibTorch } from "./resolve.ts";
export { type LibTorch, libTorchVersion, readLibTorch } from "./version.ts";
export { libTorchPlatforms } from "./wheel-index.ts";
