import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import {
  type Attempt,
  type LibTorch,
  LibTorchLoadError,
  librariesToOpen,
  libraryFile,
  libTorchVersion,
  muslReason,
  muslRemedy,
  reasonOf,
  resolveLibTorch,
  usesMusl,
} from "../libtorch/index.ts";
import type { NativeApi } from "./native-api.ts";

/** The thin addon: all that Node loads by itself. */
interface Addon {
  open(libraries: string[], shim: string): unknown;
}

const build = resolve(import.meta.dirname, "../..", process.env.SNORKEL_TORCH_BUILD_DIR ?? "build");
const release = join(build, "Release");
/** Where the build leaves a library of ours. */
export const builtLibrary = (name: string): string => join(release, libraryFile(name));

const buildRemedy = "Run `npm run build` in a checkout of snorkel-torch.";

/**
 * The native half of this package.
 *
 * @throws LibTorchLoadError on import where the addon, LibTorch or the code on top of it cannot be loaded.
 */
export const native: NativeApi = load();

function load(): NativeApi {
  try {
    return open();
  } catch (error) {
    if (usesMusl()) throw failure({ where: "this system", reason: muslReason }, muslRemedy, error);
    throw error;
  }
}

function open(): NativeApi {
  const addonPath = join(release, "snorkel_torch.node");
  if (!existsSync(addonPath)) throw failure({ where: addonPath, reason: "no such file" }, buildRemedy);
  const libTorch = resolveLibTorch({ version: versionBuiltAgainst() });
  try {
    const addon: Addon = createRequire(import.meta.url)(addonPath);
    return addon.open(librariesToOpen(libTorch), builtLibrary("snorkel_torch_shim")) as NativeApi;
  } catch (error) {
    throw failure({ where: libTorch.folder, reason: reasonOf(error) }, remedyFor(error, libTorch), error);
  }
}

/** The build notes the release whose headers it saw; no other has the same layout of classes. */
function versionBuiltAgainst(): string {
  const note = join(release, "libtorch-version");
  return existsSync(note) ? readFileSync(note, "utf8").trim() : libTorchVersion;
}

function failure(attempt: Attempt, remedy: string, cause?: unknown): LibTorchLoadError {
  const options = cause === undefined ? undefined : { cause };
  return new LibTorchLoadError("[native] expected the native code to load:", [attempt], remedy, options);
}

function remedyFor(error: unknown, { folder, flavour }: LibTorch): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "ERR_LIBTORCH_LOAD") return buildRemedy;
  if (flavour !== "cpu") return `Install the libraries that a ${flavour} LibTorch needs beside it.`;
  return `Remove ${folder} and run \`npx snorkel-torch install\`.`;
}
