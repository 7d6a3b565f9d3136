import { readFile, truncate } from "node:fs/promises";
import { eventStep } from "./event.ts";

/** The bytes of a TFRecord around its data: length and its checksum before, the data's checksum after. */
const before = 12;
const after = 4;

/**
 * Cuts an event file off before the first event past a step, and before a record that was not written whole. Events are
 * there in the order of their steps.
 */
export async function cutEventFile(path: string, step: number): Promise<void> {
  const bytes = await readFile(path);
  let end = 0;
  while (end + before <= bytes.length) {
    const length = Number(bytes.readBigUInt64LE(end));
    const next = end + before + length + after;
    if (next > bytes.length || eventStep(bytes.subarray(end + before, next - after)) > step) break;
    end = next;
  }
  if (end < bytes.length) await truncate(path, end);
}
