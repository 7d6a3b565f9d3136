import { readdirSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";

/**
 * Where LibTorch is kept for all projects of a user: `SNORKEL_TORCH_CACHE`, else `snorkel-torch` in `XDG_CACHE_HOME` or
 * in the platform's own cache folder.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.SNORKEL_TORCH_CACHE) return resolve(environment.SNORKEL_TORCH_CACHE);
  if (environment.XDG_CACHE_HOME) return resolve(environment.XDG_CACHE_HOME, "snorkel-torch");
  // HOME may be empty.
  const home = homedir() || userInfo().homedir;
  if (process.platform === "darwin") return join(home, "Library", "Caches", "snorkel-torch");
  if (process.platform === "win32" && environment.LOCALAPPDATA) {
    return join(environment.LOCALAPPDATA, "snorkel-torch", "Cache");
  }
  return join(home, ".cache", "snorkel-torch");
}

/** The folder of one LibTorch in a cache. */
export function cachedFolder(cache: string, version: string, flavour: string): string {
  return join(cache, `libtorch-${version}-${flavour}`);
}

/** What a cache holds of a version; a CUDA flavour, which somebody asked for by name, before the CPU one. */
export function listCached(cache: string, version: string): string[] {
  return namesIn(cache)
    .filter((name) => name.startsWith(`libtorch-${version}-`))
    .sort((a, b) => Number(a.endsWith("-cpu")) - Number(b.endsWith("-cpu")) || a.localeCompare(b))
    .map((name) => join(cache, name));
}

/** The names in a folder; none where there is no folder to look into. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
