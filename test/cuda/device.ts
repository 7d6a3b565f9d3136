import { threadOptions } from "../../lib/torch/engine/index.ts";
import { cuda } from "../../lib/torch/index.ts";

/** Why tests of CUDA are left out here, or false. */
export const skip = cuda.isAvailable() ? false : "there is no CUDA device on this machine";

/** How steps come to a device: as CUDA graphs, kernel by kernel, and from datasets that do not fit there. */
export const ways = {
  "by graphs": { graphs: true, dataBytes: null },
  "by streams": { graphs: false, dataBytes: null },
  "from the host": { graphs: true, dataBytes: 0 },
} as const;

/** Runs with threads that work in that way, and for which it is an error to wait for the device within a step. */
export async function inThatWay<T>(way: keyof typeof ways, run: () => Promise<T>): Promise<T> {
  const before = { ...threadOptions };
  Object.assign(threadOptions, ways[way], { forbidWaiting: true });
  try {
    return await run();
  } finally {
    Object.assign(threadOptions, before);
  }
}
