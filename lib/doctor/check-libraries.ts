import { basename } from "node:path";
import { type LibTorch, repairCommand } from "../libtorch/index.ts";
import type { Finding } from "./finding.ts";
import { childModule, runChild } from "./run-child.ts";

const check = "Libraries";

/** What the loader said of one library; null where it opened it. */
interface Opened {
  library: string;
  reason: string | null;
}

export interface LibrariesToCheck {
  libTorch: LibTorch;
  /** Of LibTorch, in the order in which the package opens them. */
  libraries: readonly string[];
  /** The package's own. */
  addon: string;
  shim: string;
  /** What to do where one of those does not open. */
  compileRemedy: string;
}

/** Opens each library in a process of its own, in the order in which the package does. */
export async function checkLibraries(given: LibrariesToCheck): Promise<Finding> {
  const { libTorch, libraries, addon, shim, compileRemedy } = given;
  const all = [addon, ...libraries, shim];
  const { messages, failure } = await runChild(
    childModule("load-child"),
    [addon, shim, ...libraries],
    120_000,
  );
  const opened = messages as Opened[];
  if (failure !== undefined) {
    const library = all[opened.length] ?? shim;
    opened.push({ library, reason: failure.split("\n").join("; ") });
  }
  const facts = { libraries: opened };
  const bad = opened.filter(({ reason }) => reason !== null).map(({ library }) => library);
  if (bad.length === 0) return { check, status: "ok", summary: `all ${all.length} open`, facts };
  const details = opened.map(({ library, reason }) => `${basename(library)}: ${reason ?? "opens"}`);
  const summary = `${bad.length} of ${all.length} do not open`;
  const isOurs = bad.every((library) => library === addon || library === shim);
  const fix = isOurs ? compileRemedy : repairCommand(libTorch);
  // Without the half for CUDA, LibTorch computes on the CPU.
  const status = bad.every((library) => /_cuda\./.test(basename(library))) ? "warning" : "failed";
  return { check, status, summary, details, fix, facts };
}
