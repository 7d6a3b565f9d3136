import { createRequire } from "node:module";
import { join } from "node:path";
import { type Binary, compileRemedy, findBinary } from "../binary/index.ts";
import {
  type Attempt,
  checkNotCutOff,
  type LibTorch,
  LibTorchLoadError,
  librariesToOpen,
  libraryFile,
  muslReason,
  muslRemedy,
  reasonOf,
  repairCommand,
  usesMusl,
} from "../libtorch/index.ts";
import type { NativeApi } from "./native-api.ts";

/** The thin addon: all that Node loads by itself. */
interface Addon {
  open(libraries: string[], shim: string): unknown;
}

const binary = onSystemsWithGlibc(findBinary);

/** Where a library of ours lies: beside the addon. */
export const builtLibrary = (name: string): string => join(binary.folder, libraryFile(name));

const opened = onSystemsWithGlibc(() => open(binary));

/**
 * The native half of this package.
 *
 * @throws LibTorchLoadError on import where the addon, LibTorch or the code on top of it cannot be loaded.
 */
export const native: NativeApi = opened.native;

/** Why CUDA is out of reach for this process, as far as that is known before a device is looked for. */
export const cudaObjection: string | undefined = opened.cudaObjection;

function open({ addon, libTorch }: Binary): { native: NativeApi; cudaObjection?: string } {
  const { folder, flavour } = libTorch;
  try {
    const { open }: Addon = createRequire(import.meta.url)(addon);
    const openAs = (half: string) => {
      const libraries = librariesToOpen({ ...libTorch, flavour: half });
      for (const library of libraries) checkNotCutOff(library);
      return open(libraries, builtLibrary("snorkel_torch_shim")) as NativeApi;
    };
    if (flavour === "cpu") return { native: openAs("cpu"), cudaObjection: forCpuAlone(libTorch) };
    try {
      return { native: openAs(flavour) };
    } catch (error) {
      if (codeOf(error) !== "ERR_LIBTORCH_LOAD") throw error;
      // A LibTorch for CUDA computes on the CPU without most of CUDA's own libraries.
      const cudaObjection = `${reasonOf(error)}; \`${repairCommand(libTorch)}\` brings what is missing`;
      return { native: openAs("cpu"), cudaObjection };
    }
  } catch (error) {
    const where = codeOf(error) === "ERR_LIBTORCH_LOAD" ? folder : addon;
    throw failure({ where, reason: reasonOf(error) }, remedyFor(error, libTorch), error);
  }
}

function forCpuAlone({ folder }: LibTorch): string {
  return `LibTorch in ${folder} is built for the CPU alone; \`npx snorkel-torch install --cuda\` gets one for CUDA`;
}

/** Runs something; where it fails on a system without glibc, that is the reason. */
function onSystemsWithGlibc<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (usesMusl()) throw failure({ where: "this system", reason: muslReason }, muslRemedy, error);
    throw error;
  }
}

function failure(attempt: Attempt, remedy: string, cause: unknown): LibTorchLoadError {
  return new LibTorchLoadError("[native] expected the native code to load:", [attempt], remedy, { cause });
}

function remedyFor(error: unknown, libTorch: LibTorch): string {
  return codeOf(error) === "ERR_LIBTORCH_LOAD" ? `Run \`${repairCommand(libTorch)}\`.` : compileRemedy();
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
