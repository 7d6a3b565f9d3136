import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** A decoded protobuf message: field number to the values under it, in order. */
export type Fields = Map<number, (bigint | Buffer)[]>;

/** The records of an event file, checksums checked, in a reading of the format that shares no code with the writer. */
export function readRecords(path: string): { record: Buffer; event: Fields }[] {
  const bytes = readFileSync(path);
  const records: { record: Buffer; event: Fields }[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + 12 + Number(bytes.readBigUInt64LE(start)) + 4;
    const record = bytes.subarray(start, end);
    const data = record.subarray(12, -4);
    assert.equal(unmask(record.readUInt32LE(8)), checksum(record.subarray(0, 8)), "checksum of the length");
    assert.equal(unmask(record.readUInt32LE(record.length - 4)), checksum(data), "checksum of the data");
    records.push({ record, event: decode(data) });
    start = end;
  }
  return records;
}

/** Decodes the fields of a message; fixed-size and length-delimited values stay bytes. */
export function decode(data: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = data.readUInt8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
  function take(length: number): Buffer {
    at += length;
    return data.subarray(at - length, at);
  }
  while (at < data.length) {
    const key = Number(varint());
    const readers = [varint, () => take(8), () => take(Number(varint())), null, null, () => take(4)];
    const reader = readers[key & 7];
    assert.ok(reader, `wire type ${key & 7}`);
    const value = reader();
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

/** The bytes of the only value under a path of field numbers. */
export function bytesAt(fields: Fields, ...path: number[]): Buffer {
  const [field = 0, ...rest] = path;
  const values = fields.get(field) ?? [];
  assert.equal(values.length, 1, `values of field ${field}`);
  assert.ok(Buffer.isBuffer(values[0]));
  return rest.length === 0 ? values[0] : bytesAt(decode(values[0]), ...rest);
}

function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** CRC-32C bit by bit. */
function checksum(data: Buffer): number {
  let register = 0xffffffff;
  for (const byte of data) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ (register & 1 ? 0x82f63b78 : 0);
  }
  return ~register >>> 0;
}
