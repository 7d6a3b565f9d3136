import type { Batch } from "./batch.ts";

/** Waits for a batch, but no longer than the signal allows: a source may never answer. */
export async function untilAborted(pending: Promise<Batch>, signal: AbortSignal | undefined): Promise<Batch> {
  if (signal === undefined) return pending;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      pending.then(
        (late) => late.dispose(),
        () => {},
      );
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
