import { fork } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";

/** What a child process has told, and how it ended. */
export interface ChildRun {
  messages: unknown[];
  /** Why it did not end well: its exit code or signal, and its last words. */
  failure?: string;
}

/** The path of a module of this folder: from sources it is a .ts file, as this one. */
export function childModule(name: string): string {
  return join(import.meta.dirname, `${name}${extname(import.meta.filename)}`);
}

/**
 * Runs a module in a process of its own, so that a crash of native code is something to report. The module tells what it
 * finds with `process.send`.
 */
export async function runChild(path: string, childArguments: string[], timeout: number): Promise<ChildRun> {
  const child = fork(path, childArguments, { silent: true, timeout, killSignal: "SIGKILL" });
  const messages: unknown[] = [];
  let words = "";
  child.on("message", (message) => void messages.push(message));
  child.stderr?.on("data", (chunk) => {
    words += String(chunk);
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code === 0) return { messages };
  const ending =
    signal === "SIGKILL"
      ? `was ended after ${timeout / 1000} s`
      : `ended with ${signal ?? `exit code ${code}`}`;
  const lines = words.split("\n").filter((line) => line.trim() !== "" && !/^\s+at /.test(line));
  return { messages, failure: [`it ${ending}`, ...lines.slice(-6)].join("\n") };
}
