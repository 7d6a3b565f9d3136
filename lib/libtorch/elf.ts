import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

/**
 * Looks whether a library of Linux is as long as its header says. The system's loader does not look, and ends the process
 * when it reads what is missing.
 *
 * @throws Error, with the code of a library that does not load, for one that is cut off.
 */
export function checkNotCutOff(path: string): void {
  // Of one that is not there the loader says so.
  if (process.platform !== "linux" || !existsSync(path)) return;
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const end = endOf((offset, length) => readBytes(file, offset, length));
    if (size >= end) return;
    const message = `${path}: it is cut off, with ${size} bytes of ${end}`;
    throw Object.assign(new Error(message), { code: "ERR_LIBTORCH_LOAD" });
  } finally {
    closeSync(file);
  }
}

/** The end of what a 64-bit ELF file refers to: its segments, and its table of sections. */
function endOf(read: (offset: number, length: number) => Buffer): number {
  const header = read(0, 64);
  const isElf = header.length === 64 && header.readUInt32BE(0) === 0x7f454c46;
  if (!isElf || header[4] !== 2 || header[5] !== 1) return 0;
  const sections =
    Number(header.readBigUInt64LE(0x28)) + header.readUInt16LE(0x3a) * header.readUInt16LE(0x3c);
  const [entrySize, count] = [header.readUInt16LE(0x36), header.readUInt16LE(0x38)];
  const table = read(Number(header.readBigUInt64LE(0x20)), entrySize * count);
  const segments = Array.from({ length: Math.floor(table.length / entrySize) }, (_, i) => {
    const entry = table.subarray(i * entrySize);
    return Number(entry.readBigUInt64LE(0x08) + entry.readBigUInt64LE(0x20));
  });
  return Math.max(sections, ...segments);
}

function readBytes(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
}
