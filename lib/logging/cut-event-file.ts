import { type FileHandle, open } from "node:fs/promises";
import { eventStep } from "./event.ts";
import { readRecords } from "./tf-record.ts";

/**
 * Cuts an event file off before the first event past a step, and before a record that was not written whole or is
 * damaged. Events are there in the order of their steps.
 */
export async function cutEventFile(path: string, step: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    const end = await endOfEvents(file, size, step);
    if (end < size) await file.truncate(end);
  } finally {
    await file.close();
  }
}

async function endOfEvents(file: FileHandle, size: number, step: number): Promise<number> {
  let end = 0;
  try {
    for await (const record of readRecords(file, size)) {
      if (eventStep(record.data) > step) break;
      end = record.end;
    }
  } catch {
    // What follows cannot be read, by TensorBoard neither.
  }
  return end;
}
