import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { libraryFile } from "./platform.ts";
import type { LibTorch } from "./version.ts";

/**
 * The libraries to open, in order, by absolute path. OpenMP's runtime comes first: opened late, it can find no room
 * for its thread-local storage.
 */
export function librariesToOpen(libTorch: LibTorch): string[] {
  const names = [
    "c10",
    "torch_cpu",
    ...(libTorch.flavour.startsWith("cu") ? ["c10_cuda", "torch_cuda"] : []),
  ];
  return [...findOpenMp(libTorch), ...names.map((name) => join(libTorch.folder, "lib", libraryFile(name)))];
}

/** A wheel carries it in its `lib`, or beside the package in `torch.libs`. */
function findOpenMp({ folder }: LibTorch): string[] {
  return [join(folder, "lib"), join(folder, "..", "torch.libs")]
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((file) => join(path, file)))
    .filter((file) => /[\\/]lib(gomp|omp|iomp5)\b[^\\/]*\.(so[.\d]*|dylib)$/.test(file));
}
