import type { FileHandle } from "node:fs/promises";
import { crc32c } from "@aws-crypto/crc32c";

/** The bytes of a TFRecord around its data: length and its checksum before, the data's checksum after. */
const before = 12;
const after = 4;

/** How much of a file is read at once, where its records are shorter. */
const chunkBytes = 2 ** 20;

/** A TFRecord: length (uint64), its checksum, data, its checksum; little endian. */
export function toRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(before + data.length + after);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedChecksum(record.subarray(0, 8)), 8);
  record.set(data, before);
  record.writeUInt32LE(maskedChecksum(data), before + data.length);
  return record;
}

/** Whether a file that starts with these bytes starts with a TFRecord. */
export function startsWithRecord(start: Buffer): boolean {
  return start.length >= before && start.readUInt32LE(8) === maskedChecksum(start.subarray(0, 8));
}

/** One record of a file. */
export interface TfRecord {
  data: Buffer;
  /** The first byte after the record. */
  end: number;
}

/**
 * Reads the records of a file, in order. Whoever writes the file may be at it: a last record of which a part is missing
 * ends the reading.
 *
 * @throws Error for a record whose checksum is not its own.
 */
export async function* readRecords(file: FileHandle, size: number): AsyncGenerator<TfRecord> {
  let start = 0;
  let bytes = Buffer.alloc(0);
  let bytesStart = 0;
  // The bytes from a place on, as many as asked for or as there are.
  const take = async (length: number): Promise<Buffer> => {
    if (start + length > bytesStart + bytes.length) {
      const wanted = Math.min(Math.max(length, chunkBytes), size - start);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, start);
      bytes = buffer.subarray(0, bytesRead);
      bytesStart = start;
    }
    return bytes.subarray(start - bytesStart, start - bytesStart + length);
  };
  while (start + before + after <= size) {
    const head = await take(before);
    if (head.length < before) return;
    if (!startsWithRecord(head)) throw damaged(start);
    const length = Number(head.readBigUInt64LE());
    const end = start + before + length + after;
    if (end > size) return;
    const record = await take(end - start);
    if (record.length < end - start) return;
    const data = record.subarray(before, before + length);
    if (record.readUInt32LE(before + length) !== maskedChecksum(data)) throw damaged(start);
    yield { data, end };
    start = end;
  }
}

function damaged(start: number): Error {
  return new Error(`a record at byte ${start} whose checksum is another's`);
}

/** The format's masked CRC-32C: rotated right by 15 bits, plus a constant. */
function maskedChecksum(data: Uint8Array): number {
  const checksum = crc32c(data);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
