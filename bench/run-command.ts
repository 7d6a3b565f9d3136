import { spawnSync } from "node:child_process";

/** Runs a command on this terminal. @throws Error when it fails. */
export function runCommand([command = "", ...options]: readonly string[]): void {
  const { status, error } = spawnSync(command, options, { stdio: "inherit" });
  if (status === 0) return;
  throw new Error(
    `[bench] ${command} ${options.join(" ")} failed: ${error?.message ?? `exit code ${status}`}`,
  );
}
