import { compileIntoCache } from "../binary/index.ts";
import { resolveLibTorch } from "../libtorch/index.ts";

/** Compiles this package for the LibTorch in a folder, or for the one that is used. */
export function build(folder?: string): void {
  const environment = folder ? { ...process.env, SNORKEL_TORCH_LIBTORCH: folder } : process.env;
  const libTorch = resolveLibTorch({ forBuild: true, environment });
  console.log(`[build] LibTorch ${libTorch.version} (${libTorch.flavour}): ${libTorch.folder}`);
  console.log(`The addon is in ${compileIntoCache(libTorch)}`);
}
