import { existsSync, writeFileSync } from "node:fs";
import { appendFile, truncate } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { crc32c } from "@aws-crypto/crc32c";
import { writeFailure } from "../files.ts";
import { scalarEvent, textEvent, versionEvent } from "./event.ts";

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

/** A TFRecord: length (uint64), its checksum, data, its checksum; little endian. */
function toRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(8 + 4 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedChecksum(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedChecksum(data), 12 + data.length);
  return record;
}

/** The format's masked CRC-32C: rotated right by 15 bits, plus a constant. */
function maskedChecksum(data: Uint8Array): number {
  const checksum = crc32c(data);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
