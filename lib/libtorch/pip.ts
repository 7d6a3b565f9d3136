import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { findPython } from "./python.ts";

/** For a Python that torch has no wheel for, the wheel of one that it has. */
const pythons = [[], ["--python-version", "3.12", "--only-binary=:all:"]];

/**
 * Downloads torch's CPU wheel with the active Python's pip, and so from the mirrors and through the proxies that the
 * user has configured.
 *
 * @returns the path of the wheel.
 * @throws Error with pip's own words.
 */
export async function pipDownload(version: string, folder: string): Promise<string> {
  const python = findPython();
  if (python === undefined) throw new Error("no Python 3 runs");
  // On PyPI the wheel for Linux is a CUDA build of 2 GB with its dependencies; only the label tells them apart.
  const requirement = `torch==${version}${process.platform === "linux" ? "+cpu" : ""}`;
  let reason = "";
  for (const options of pythons) {
    reason = await runPip(python, ["--no-deps", "--dest", folder, ...options, requirement]);
    const wheel = readdirSync(folder).find((file) => file.endsWith(".whl"));
    if (reason === "" && wheel !== undefined) return join(folder, wheel);
  }
  throw new Error(reason || "pip left no wheel");
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
