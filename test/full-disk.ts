import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/**
 * Runs an ES module in a child process that sees a file system of 64 KiB at `folder`, and returns the JSON it prints;
 * `undefined` where mounting one is not allowed.
 */
export function runOnSmallDisk(folder: string, program: string): unknown {
  mkdirSync(folder);
  const script = `mount -t tmpfs -o size=64k small "$1" || exit 77
    exec "$2" --import tsx --input-type=module --eval "$3"`;
  const child = ["sh", "-c", script, "sh", folder, process.execPath, program];
  const run = spawnSync("unshare", ["--mount", ...child], { encoding: "utf8" });
  if (run.error || run.status === 77 || run.stderr.startsWith("unshare:")) return undefined;
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}
