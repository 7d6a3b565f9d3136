import { availableParallelism } from "node:os";
import type { Finding } from "./finding.ts";

const check = "Threads";
const settings = ["OMP_NUM_THREADS", "MKL_NUM_THREADS"];

/** Compares the threads that LibTorch takes with the cores that there are. */
export function checkThreads(threads: number, environment: NodeJS.ProcessEnv = process.env): Finding {
  const cores = availableParallelism();
  const set = settings.filter((name) => environment[name]).map((name) => `${name}=${environment[name]}`);
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
  const summary = `LibTorch takes ${count(threads, "thread")} on ${count(cores, "core")}${set.length > 0 ? ` (${set.join(", ")})` : ""}`;
  const facts = { threads, cores, settings: set };
  if (threads <= cores) return { check, status: "ok", summary, facts };
  const fix = `export OMP_NUM_THREADS=${cores}`;
  return { check, status: "warning", summary: `${summary}, which then wait for one another`, fix, facts };
}
