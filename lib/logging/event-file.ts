import { existsSync, writeFileSync } from "node:fs";
import { appendFile, truncate } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeFailure } from "../files.ts";
import { scalarEvent, textEvent, versionEvent } from "./event.ts";
import { toRecord } from "./tf-record.ts";

/** How the names of event files begin, TensorBoard's own too. */
export const eventFilePrefix = "events.out.tfevents.";

/**
 * One event file of TensorBoard: TFRecords of Event messages, named as TensorBoard's own writers name theirs. Events
 * are gathered in memory until `flush` appends them.
 *
 * @throws Error naming the file when it cannot be made.
 */
export class EventFile {
  readonly path: string;
  #length: number;
  #pending: Uint8Array[] = [];

  constructor(folder: string) {
    const opening = toRecord(versionEvent(wallTime()));
    this.path = unusedPath(folder);
    this.#length = opening.length;
    try {
      writeFileSync(this.path, opening, { flag: "wx" });
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  /** Adds one value of a series; a step with a fraction is cut to the integer that the format holds. */
  addScalar(tag: string, value: number, step: number): void {
    this.#pending.push(toRecord(scalarEvent(wallTime(), tag, value, step)));
  }

  /** Adds a text, which TensorBoard shows as Markdown. */
  addText(tag: string, text: string): void {
    this.#pending.push(toRecord(textEvent(wallTime(), tag, text)));
  }

  /**
   * Appends the events added since the last flush. When that fails they are kept for the next one.
   *
   * @throws Error naming the file when the disk is full, and the like.
   */
  async flush(): Promise<void> {
    const records = this.#pending;
    const bytes = Buffer.concat(records);
    this.#pending = [];
    try {
      await appendFile(this.path, bytes);
      this.#length += bytes.length;
    } catch (error) {
      // Half a record would make every later one unreadable.
      await truncate(this.path, this.#length).catch(() => {});
      this.#pending = [...records, ...this.#pending];
      throw writeFailure(this.path, error);
    }
  }
}

function unusedPath(folder: string): string {
  const seconds = String(Math.floor(wallTime())).padStart(10, "0");
  const base = join(folder, `${eventFilePrefix}${seconds}.${hostname()}.${process.pid}`);
  let unique = 0;
  while (existsSync(`${base}.${unique}`)) unique += 1;
  return `${base}.${unique}`;
}

function wallTime(): number {
  return Date.now() / 1000;
}
