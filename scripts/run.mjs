import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);

/** Runs a command on this terminal. Throws when it fails; what it printed says why. */
export function run(command, commandArguments, name = command) {
  const { status, signal, error } = spawnSync(command, commandArguments, { stdio: "inherit" });
  if (error) throw new Error(`[scripts] ${name} did not start: ${error.message}`);
  if (status !== 0) throw new Error(`[scripts] ${name} failed (${signal ?? `exit code ${status}`})`);
}

/** Runs the script of an installed package, such as `typescript/bin/tsc`, with this Node. */
export function runNode(script, scriptArguments) {
  run(process.execPath, [resolve(script), ...scriptArguments], script);
}

/** Whether a command is there: whether it answers `--version`. */
export function answers(command) {
  return spawnSync(command, ["--version"]).status === 0;
}

/** Whether an npm package is installed. */
export function isInstalled(script) {
  try {
    resolve(script);
    return true;
  } catch {
    return false;
  }
}
