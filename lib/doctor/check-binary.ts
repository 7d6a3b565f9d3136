import {
  type Binary,
  compileRemedy,
  type FindOptions,
  type FoundAddon,
  findBinary,
  listAddons,
} from "../binary/index.ts";
import { type Attempt, LibTorchLoadError, locateLibTorch } from "../libtorch/index.ts";
import type { Finding } from "./finding.ts";

/** Looks for the addon and a LibTorch for it; gives both where they are found. */
export function checkBinary(options: FindOptions = {}): { findings: Finding[]; binary: Binary | null } {
  try {
    const binary = findBinary(options);
    const { version } = binary.libTorch;
    return { findings: [addonFound({ ...binary, version }), lookForLibTorch(version, options)], binary };
  } catch (error) {
    if (!(error instanceof LibTorchLoadError)) throw error;
    const { found, attempts } = listAddons(options);
    const [first] = found;
    const addon = first ? addonFound(first) : missing("Addon", attempts, compileRemedy(options));
    const libTorch = lookForLibTorch(first?.version, options);
    // Where both are there, they do not go together.
    const isMismatch = addon.status === "ok" && libTorch.status === "ok";
    const findings = [isMismatch ? missing("Addon", error.attempts, error.remedy) : addon, libTorch];
    return { findings, binary: null };
  }
}

function addonFound({ addon, where, version }: FoundAddon): Finding {
  const summary = `${addon} (${where}), for LibTorch ${version}`;
  return { check: "Addon", status: "ok", summary, facts: { addon, where, libTorch: version } };
}

function lookForLibTorch(wanted: string | undefined, { environment }: FindOptions): Finding {
  const check = "LibTorch";
  try {
    const { libTorch, where } = locateLibTorch({ version: wanted, environment });
    const { folder, version, flavour } = libTorch;
    // The cache is named by the folder itself.
    const details = where.startsWith("cache ") ? [] : [`from ${where}`];
    const summary = `${version} (${flavour}) in ${folder}`;
    return { check, status: "ok", summary, details, facts: { ...libTorch, where } };
  } catch (error) {
    if (!(error instanceof LibTorchLoadError)) throw error;
    return missing(check, error.attempts, error.remedy);
  }
}

function missing(check: string, attempts: readonly Attempt[], fix: string): Finding {
  const details = attempts.map(({ where, reason }) => `${where}: ${reason}`);
  return { check, status: "failed", summary: "none found", details, fix, facts: { attempts } };
}
