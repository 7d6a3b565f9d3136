import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const requirements = join(import.meta.dirname, "requirements.txt");
const environment = resolve(import.meta.dirname, "../../.venv-parity");

/** Runs a Python script with Snorkel. What it prints goes to this terminal. */
export function runPython(script: string, ...scriptArguments: string[]): void {
  run(findPython(), [join(import.meta.dirname, script), ...scriptArguments]);
}

/** The Python that `SNORKEL_TORCH_PYTHON` names, else that of an environment made here with the pinned requirements. */
export function findPython(): string {
  const named = process.env.SNORKEL_TORCH_PYTHON;
  if (named) return named;
  const isWindows = process.platform === "win32";
  const python = join(environment, isWindows ? "Scripts/python.exe" : "bin/python");
  const installed = join(environment, "installed.txt");
  const pins = readFileSync(requirements, "utf8");
  if (!existsSync(installed) || readFileSync(installed, "utf8") !== pins) {
    console.log(`[parity] installing ${requirements} into ${environment}`);
    run(isWindows ? "python" : "python3", ["-m", "venv", "--clear", environment]);
    run(python, ["-m", "pip", "install", "--quiet", "--retries", "2", "-r", requirements]);
    writeFileSync(installed, pins);
  }
  return python;
}

function run(command: string, commandArguments: string[]): void {
  const { status, error } = spawnSync(command, commandArguments, { stdio: "inherit" });
  if (status === 0) return;
  const reason = error?.message ?? `exit code ${status}`;
  throw new Error(
    `[parity] expected ${command} ${commandArguments.join(" ")} to run, got ${reason}. ` +
      "Set SNORKEL_TORCH_PYTHON to a Python with scripts/parity/requirements.txt",
  );
}
