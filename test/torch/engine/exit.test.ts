import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, it } from "node:test";

const script = fileURLToPath(new URL("endless-training.ts", import.meta.url));

function run(...args: string[]): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], { stdio: ["ignore", "inherit", "pipe"] });
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

describe("A process ends while its threads train", () => {
  for (const [place, ending, code] of [
    ["main", "exit", 7],
    ["main", "throw", 1],
    ["main", "abort", 7],
    ["main", "dispose", 7],
    ["workers", "exit", 7],
    ["workers", "end", 7],
    ["workers", "terminate", 7],
  ] as const) {
    it(`in ${place === "main" ? "the main thread" : place}, by ${ending}`, async () => {
      for (let i = 0; i < 3; i++) {
        const result = await run(place, ending);
        assert.deepEqual([result.code, result.signal], [code, null], result.stderr);
        if (code === 7) assert.equal(result.stderr, "");
      }
    });
  }
});
