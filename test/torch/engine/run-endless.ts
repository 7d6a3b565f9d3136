import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("endless-training.ts", import.meta.url));

/** Where threads train, what ends that, and the exit code that it should have. */
export const endings = [
  ["main", "exit", 7],
  ["main", "throw", 1],
  ["main", "abort", 7],
  ["main", "dispose", 7],
  ["workers", "exit", 7],
  ["workers", "end", 7],
  ["workers", "terminate", 7],
] as const;

/** Has a process end in that way, while its threads train. */
export async function expectEnd(place: string, ending: string, expected: number): Promise<void> {
  const { code, signal, stderr } = await run(place, ending);
  assert.deepEqual([code, signal], [expected, null], stderr);
  if (ending !== "throw") assert.equal(stderr, "");
}

function run(...args: string[]): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  return new Promise((resolve) =>
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stderr });
    }),
  );
}
