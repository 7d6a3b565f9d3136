import { join } from "node:path";
import { type LibTorch, namesIn } from "../libtorch/index.ts";
import { packageVersion } from "./package.ts";

const prefix = `build-${packageVersion}-libtorch-`;

/** A compiled addon in a user's cache. */
export interface Compiled {
  folder: string;
  /** The flavour of LibTorch that it was compiled against. */
  flavour: string;
}

/** The folder in a cache of what `snorkel-torch build` makes of this version of the package for one LibTorch. */
export function compiledFolder(cache: string, { version, flavour }: LibTorch): string {
  return join(cache, `${prefix}${version}-${flavour}`);
}

/** What a cache holds for this version of the package; the newest LibTorch first, for CUDA before for the CPU. */
export function listCompiled(cache: string): Compiled[] {
  return namesIn(cache)
    .filter((name) => name.startsWith(prefix) && !name.endsWith(".part"))
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
    .map((name) => ({ folder: join(cache, name), flavour: name.slice(name.lastIndexOf("-") + 1) }));
}
