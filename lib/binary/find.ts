import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve, sep } from "node:path";
import {
  type Attempt,
  cacheFolder,
  type LibTorch,
  LibTorchLoadError,
  reasonOf,
  resolveLibTorch,
} from "../libtorch/index.ts";
import { listCompiled } from "./compiled.ts";
import { packageFolder, packageVersion } from "./package.ts";

/** The name of the thin addon, wherever it is not a prebuilt one. */
export const addonFile = "snorkel_torch.node";

/** The file beside an addon that says which LibTorch it was compiled against; no other has the same layout of classes. */
export const versionFile = "libtorch-version";

/** A compiled addon, and the LibTorch to open it with. */
export interface Binary {
  /** Where it was found, in words. */
  where: string;
  /** Absolute path of the thin addon. */
  addon: string;
  /** The folder of the addon, which holds the other libraries too. */
  folder: string;
  libTorch: LibTorch;
}

export interface FindOptions {
  /** Default: `process.env`. */
  environment?: NodeJS.ProcessEnv;
  /** The folder of this package. */
  root?: string;
}

/**
 * Finds the addon to use, and a LibTorch of the version that it was compiled against: the folder that
 * `SNORKEL_TORCH_BUILD_DIR` names, and then no other; else the build of a checkout; else what `snorkel-torch build` has
 * put into the user's cache; else the prebuilt addon of the package.
 *
 * @throws LibTorchLoadError with every place that was looked at.
 */
export function findBinary({ environment = process.env, root = packageFolder }: FindOptions = {}): Binary {
  const attempts: Attempt[] = [];
  let unmatched: LibTorchLoadError | undefined;
  for (const { where, addon, flavour } of placesToLook(root, environment)) {
    let version: string | undefined;
    try {
      const path = addon();
      version = versionOf(path);
      const libTorch = resolveLibTorch({ version, environment });
      if (flavour === undefined || flavour === libTorch.flavour)
        return { where, addon: path, folder: dirname(path), libTorch };
      attempts.push({
        where,
        reason: `compiled for ${flavour}, and the LibTorch in use is ${libTorch.folder}`,
      });
    } catch (error) {
      if (error instanceof LibTorchLoadError) {
        unmatched = error;
        attempts.push({ where, reason: `compiled against LibTorch ${version}, which is not found` });
        attempts.push(...error.attempts.filter((attempt) => !isListed(attempt, attempts)));
      } else attempts.push({ where, reason: reasonOf(error) });
    }
  }
  throw new LibTorchLoadError(
    "[native] expected a compiled addon and the LibTorch that it was compiled against, found none:",
    attempts,
    unmatched?.remedy ?? compileRemedy({ environment, root }),
  );
}

/** An addon that is there, whether there is a LibTorch for it or not. */
export interface FoundAddon {
  /** Where it was found, in words. */
  where: string;
  /** Absolute path of the thin addon. */
  addon: string;
  /** The version of LibTorch that it was compiled against. */
  version: string;
}

/** The addons that there are, in the order in which {@link findBinary} tries them, and the places that have none. */
export function listAddons({ environment = process.env, root = packageFolder }: FindOptions = {}): {
  found: FoundAddon[];
  attempts: Attempt[];
} {
  const found: FoundAddon[] = [];
  const attempts: Attempt[] = [];
  for (const { where, addon } of placesToLook(root, environment)) {
    try {
      const path = addon();
      found.push({ where, addon: path, version: versionOf(path) });
    } catch (error) {
      attempts.push({ where, reason: reasonOf(error) });
    }
  }
  return { found, attempts };
}

interface Place {
  where: string;
  /** The addon's path; throws where there is none. */
  addon: () => string;
  /** The flavour that LibTorch must have. Default: any. */
  flavour?: string;
}

function placesToLook(root: string, environment: NodeJS.ProcessEnv): Place[] {
  const named = environment.SNORKEL_TORCH_BUILD_DIR;
  if (named) {
    const release = resolve(root, named, "Release");
    return [{ where: `SNORKEL_TORCH_BUILD_DIR=${named}`, addon: () => addonIn(release) }];
  }
  const cache = cacheFolder(environment);
  const compiled = listCompiled(cache);
  const none = { where: `cache ${cache}`, addon: () => fail(`no addon compiled for ${packageVersion}`) };
  return [
    { where: "SNORKEL_TORCH_BUILD_DIR", addon: () => fail("not set") },
    { where: "the build of a checkout", addon: () => addonIn(join(root, "build", "Release")) },
    ...(compiled.length === 0
      ? [none]
      : compiled.map(({ folder, flavour }) => ({
          where: `cache ${folder}`,
          addon: () => addonIn(folder),
          flavour,
        }))),
    { where: "the prebuilt addon", addon: () => prebuiltAddon(root) },
  ];
}

function fail(reason: string): never {
  throw new Error(reason);
}

function addonIn(folder: string): string {
  const path = join(folder, addonFile);
  return existsSync(path) ? path : fail(`${path}: no such file`);
}

function prebuiltAddon(root: string): string {
  const nodeGypBuild = createRequire(import.meta.url)("node-gyp-build") as { resolve(root: string): string };
  let path: string;
  try {
    path = nodeGypBuild.resolve(root);
  } catch {
    return fail(`${join(root, "prebuilds")} has none for ${process.platform}-${process.arch}`);
  }
  // It takes the build of a checkout, where there is one, and looks no further.
  return path.startsWith(join(root, "build") + sep) ? fail("passed over in a checkout that is built") : path;
}

function versionOf(addon: string): string {
  const note = join(dirname(addon), versionFile);
  return existsSync(note) ? readFileSync(note, "utf8").trim() : fail(`${note}: no such file`);
}

function isListed({ where, reason }: Attempt, attempts: readonly Attempt[]): boolean {
  return attempts.some((other) => other.where === where && other.reason === reason);
}

/** The command that compiles an addon: in a checkout it is another than for who uses the package. */
export function compileRemedy({ environment = process.env, root = packageFolder }: FindOptions = {}): string {
  const named = environment.SNORKEL_TORCH_BUILD_DIR;
  if (existsSync(join(root, "scripts", "build.mjs")))
    return `Run \`npm run build:all${named ? ` -- --build-dir ${named}` : ""}\` in this checkout of snorkel-torch.`;
  return named
    ? "Correct SNORKEL_TORCH_BUILD_DIR, or unset it."
    : "Run `npx snorkel-torch build`, which compiles one on this machine.";
}
