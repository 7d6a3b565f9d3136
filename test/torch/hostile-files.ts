// Runs hostile-files-child.ts, which reads damaged files, with little memory.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface HostileFilesReport {
  /** Files that were read after all, for the damage made another file of them. */
  loaded: number;
  refused: number;
  /** Errors that do not name the file, and loads that took long. */
  complaints: string[];
  /** By how much the process grew, in bytes. */
  growth: number;
}

/** What is damaged: the bytes of a file, or of one that is then packed into an archive with right checksums. */
export const subjects = [
  "tensors.pt",
  "data.pkl of values.pt",
  "data.pkl of tensors.pt",
  "values_legacy.pt",
  "tensors_legacy.pt",
  "version_2.npy",
  "arrays.npz",
  "compressed.npz",
  "fortran.npy of arrays.npz",
  "zeros.npy of compressed.npz",
  "a.safetensors",
  "a.safetensors.index.json",
] as const;

const child = join(import.meta.dirname, "hostile-files-child.ts");

/** Damages each file so many times, in one child process. */
export function runHostileFiles(count: number, seed: number): Record<string, HostileFilesReport> {
  const limits = ["--expose-gc", "--max-old-space-size=64"];
  const run = spawnSync(
    process.execPath,
    [...limits, "--import", "tsx", child, String(count), String(seed), ...subjects],
    { encoding: "utf8", timeout: 1_800_000, maxBuffer: 2 ** 26 },
  );
  if (run.status !== 0) throw new Error(`${run.signal ?? run.status} ${run.stderr}`);
  return JSON.parse(run.stdout);
}
