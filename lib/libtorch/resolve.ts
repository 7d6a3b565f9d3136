import { cachedFolder, cacheFolder, listCached } from "./cache.ts";
import { type Attempt, LibTorchLoadError, reasonOf } from "./errors.ts";
import { findTorchOfPython } from "./python.ts";
import { buildable, isBuildable, type LibTorch, libTorchVersion, readLibTorch } from "./version.ts";

export interface ResolveOptions {
  /** The version that must be found. Default: the pinned one. */
  version?: string;
  /**
   * Look for one to compile against: a build for the CPU, unless `SNORKEL_TORCH_LIBTORCH` names one for CUDA. One that is
   * named may be of any release that the sources compile against. Default: false.
   */
  forBuild?: boolean;
  /** Default: `process.env`. */
  environment?: NodeJS.ProcessEnv;
}

/** A LibTorch that was found. */
export interface LocatedLibTorch {
  libTorch: LibTorch;
  /** Where it was found, in words. */
  where: string;
}

/**
 * Finds the LibTorch to use: the folder that `SNORKEL_TORCH_LIBTORCH` names, and then no other; else the user's cache;
 * else the `torch` of the active Python.
 *
 * @throws LibTorchLoadError with every place that was looked at.
 */
export function resolveLibTorch(options: ResolveOptions = {}): LibTorch {
  return locateLibTorch(options).libTorch;
}

/** As {@link resolveLibTorch}, and tells where it was found. */
export function locateLibTorch(options: ResolveOptions = {}): LocatedLibTorch {
  const { version = libTorchVersion, forBuild = false, environment = process.env } = options;
  const attempts: Attempt[] = [];
  let other: LibTorch | undefined;
  const named = environment.SNORKEL_TORCH_LIBTORCH;
  for (const { where, folder } of named ? placeNamed(named) : placesToLook(version, environment)) {
    try {
      const found = readLibTorch(folder());
      const objection = objectionTo(found, version, forBuild, named !== undefined);
      if (objection === undefined) return { libTorch: found, where };
      other = found;
      attempts.push({
        where,
        reason: `${found.folder} is LibTorch ${found.version}-${found.flavour}, ${objection}`,
      });
    } catch (error) {
      attempts.push({ where, reason: reasonOf(error) });
    }
  }
  const remedy = named
    ? remedyForNamed(other, forBuild)
    : "Run `npx snorkel-torch install`, or name a LibTorch folder in SNORKEL_TORCH_LIBTORCH.";
  const wanted = forBuild && named ? buildable : version;
  throw new LibTorchLoadError(`[libtorch] expected LibTorch ${wanted}, found none:`, attempts, remedy);
}

/** A LibTorch of another release can be compiled for, unless that was what failed. */
function remedyForNamed(other: LibTorch | undefined, forBuild: boolean): string {
  if (forBuild) return `Name a LibTorch ${buildable}, for the CPU or for CUDA.`;
  return other && isBuildable(other.version)
    ? "Run `npx snorkel-torch build`, which compiles this package for it, or unset SNORKEL_TORCH_LIBTORCH and run " +
        "`npx snorkel-torch install`."
    : "Correct SNORKEL_TORCH_LIBTORCH, or unset it and run `npx snorkel-torch install`.";
}

interface Place {
  where: string;
  folder: () => string;
}

function placeNamed(folder: string): Place[] {
  return [{ where: `SNORKEL_TORCH_LIBTORCH=${folder}`, folder: () => folder }];
}

function placesToLook(version: string, environment: NodeJS.ProcessEnv): Place[] {
  const cache = cacheFolder(environment);
  const cached = listCached(cache, version);
  const orWanted = cached.length > 0 ? cached : [cachedFolder(cache, version, "cpu")];
  return [
    { where: "SNORKEL_TORCH_LIBTORCH", folder: () => fail("not set") },
    ...orWanted.map((folder) => ({ where: `cache ${folder}`, folder: () => folder })),
    { where: "the active Python", folder: () => findTorchOfPython(environment) },
  ];
}

function fail(reason: string): never {
  throw new Error(reason);
}

function objectionTo(
  found: LibTorch,
  version: string,
  forBuild: boolean,
  named: boolean,
): string | undefined {
  const isBuildableFlavour = found.flavour === "cpu" || (named && found.flavour.startsWith("cu"));
  if (forBuild && !isBuildableFlavour) return "and building needs a cpu one, or one for CUDA that is named";
  if (forBuild && named) return isBuildable(found.version) ? undefined : "which the sources do not support";
  return found.version === version ? undefined : `not ${version}`;
}
