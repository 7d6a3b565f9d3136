import { setImmediate } from "node:timers/promises";
import { memory } from "../lib/torch/index.ts";

/** What is held once the collector has taken what earlier tests left behind, so that it takes nothing during this one. */
export async function collectedMemory(): Promise<ReturnType<typeof memory>> {
  if (globalThis.gc === undefined) throw new Error("run tests with --expose-gc, as scripts/test.mjs does");
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc();
    await setImmediate();
  }
  return memory();
}
