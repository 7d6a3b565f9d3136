import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { libraryFile } from "./platform.ts";

/** The LibTorch that this package is made for. */
export const libTorchVersion = "2.13.0";

/** The releases that the sources also compile against. */
const buildableReleases = ["2.11", "2.12", "2.13", "2.14"];

/** A LibTorch on disk. */
export interface LibTorch {
  /** Absolute path of the folder that holds `lib` and, for building, `include` and `share/cmake`. */
  folder: string;
  /** The release, without a local label: `2.13.0`. */
  version: string;
  /** What it computes on: `cpu`, or an accelerator's label such as `cu130`. */
  flavour: string;
}

/** Those releases in words. */
export const buildable = `${buildableReleases[0]} to ${buildableReleases.at(-1)}`;

export function isBuildable(version: string): boolean {
  return buildableReleases.includes(version.split(".", 2).join("."));
}

/**
 * Reads what a folder holds: an unpacked LibTorch archive, the `torch` package of a Python, or a folder with such a
 * package in it.
 *
 * @throws Error that says why the folder is no LibTorch for this platform.
 */
export function readLibTorch(given: string): LibTorch {
  if (!existsSync(given)) throw new Error("no such folder");
  const folder = [given, join(given, "torch")].map((path) => resolve(path)).find(isLibTorch);
  if (folder === undefined) throw new Error(`holds no lib/${libraryFile("torch_cpu")}`);
  const [version = "", flavour = "cpu"] = readLabelledVersion(folder).split("+", 2);
  // Folders are named by them.
  if (!/^[\w.]+$/.test(version) || !/^\w+$/.test(flavour))
    throw new Error(`names a version that is none, ${JSON.stringify(`${version}+${flavour}`)}`);
  return { folder, version, flavour };
}

function isLibTorch(folder: string): boolean {
  return existsSync(join(folder, "lib", libraryFile("torch_cpu")));
}

function readLabelledVersion(folder: string): string {
  const archive = join(folder, "build-version");
  if (existsSync(archive)) return readFileSync(archive, "utf8").trim();
  const python = join(folder, "version.py");
  if (!existsSync(python)) throw new Error("holds neither build-version nor version.py");
  return readVersionModule(readFileSync(python, "utf8"));
}

/** A wheel's label may lack (macOS, Windows) or name a commit, so what it computes on comes from its own fields. */
function readVersionModule(text: string): string {
  const field = (name: string) => new RegExp(`^${name}\\b[^=]*= *'([^']*)'`, "m").exec(text)?.[1];
  const version = field("__version__")?.split("+", 1)[0];
  if (!version) throw new Error("its version.py names no version");
  const cuda = field("cuda");
  if (cuda) return `${version}+cu${cuda.replace(".", "")}`;
  if (field("hip")) return `${version}+rocm`;
  if (field("xpu")) return `${version}+xpu`;
  return `${version}+cpu`;
}
