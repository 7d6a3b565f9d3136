import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Archive } from "./install.ts";
import type { LockedFile } from "./lock.ts";
import { findPython } from "./python.ts";

/** The Python whose wheels are locked. Any serves: what differs between them is not taken from them. */
const otherPython = ["--python-version", "3.12", "--only-binary=:all:"];

/** What pip is asked for. */
export interface PipRequest {
  /** A wheel of torch, as pip names it: `torch==2.13.0+cpu`. */
  requirement: string;
  /** The files to ask for instead, with their checksums, where they are known. */
  locked: readonly LockedFile[];
  /** An index that is asked too. Then torch comes with the wheels that it needs. */
  extraIndex?: string;
}

/**
 * Downloads wheels with the active Python's pip, and so from the mirrors and through the proxies that the user has
 * configured.
 *
 * @throws Error with pip's own words.
 */
export async function pipDownload(request: PipRequest, folder: string): Promise<Archive[]> {
  const python = findPython();
  if (python === undefined) throw new Error("no Python 3 runs");
  mkdirSync(folder, { recursive: true });
  let reason = "";
  for (const options of variantsOf(request, folder)) {
    reason = await runPip(python, ["--dest", folder, ...options]);
    const wheels = readdirSync(folder).filter((file) => /^(torch|nvidia_\w+)-.*\.whl$/.test(file));
    if (reason === "" && wheels.length > 0) return wheels.map((name) => ({ name, path: join(folder, name) }));
  }
  throw new Error(reason || "pip left no wheel");
}

/** The ways to ask, of which the first that works will do. */
function variantsOf({ requirement, locked, extraIndex }: PipRequest, folder: string): string[][] {
  if (locked.length > 0) {
    const list = join(folder, "requirements.txt");
    writeFileSync(list, locked.map((file) => `${lineOf(file)}\n`).join(""));
    return [["--no-deps", ...otherPython, "--require-hashes", "--requirement", list]];
  }
  const options = extraIndex === undefined ? ["--no-deps"] : ["--extra-index-url", extraIndex];
  // For a Python that torch has no wheel for, the wheel of one that it has.
  return [[], otherPython].map((python) => [...options, ...python, requirement]);
}

/** A wheel's name is name-version-python-abi-platform.whl. With `==`, a local version (`+cpu`) would do as well. */
function lineOf({ name, sha256 }: LockedFile): string {
  const [project, version] = name.split("-");
  return `${project}===${version} --hash=sha256:${sha256}`;
}

/** Runs `pip download`; returns its errors, or nothing when it succeeded. pip's own progress bar is for terminals. */
async function runPip(python: string, options: string[]): Promise<string> {
  const quiet = process.stderr.isTTY ? [] : ["--quiet"];
  const pip = spawn(python, ["-m", "pip", "download", ...quiet, "--disable-pip-version-check", ...options], {
    stdio: ["ignore", process.stderr.isTTY ? process.stderr : "ignore", "pipe"],
  });
  const [errors, [code]] = await Promise.all([text(pip.stderr), once(pip, "close")]);
  if (code === 0) return "";
  const lines = errors.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("WARNING"));
  return lines.slice(-3).join("; ") || `pip ended with ${code}`;
}
