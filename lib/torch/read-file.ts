import { type FileHandle, open, stat } from "node:fs/promises";
import { messageOf } from "../errors.ts";

/** Files are read and written in pieces of this size, so that a large tensor is never held twice. */
export const chunkBytes = 2 ** 26;

/**
 * Opens a file to read from. What goes wrong becomes an error that begins with `[where]`: those of our own, which are
 * TypeErrors, pass as they are.
 */
export async function readFile<T>(
  where: string,
  path: string,
  read: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  let file: FileHandle | undefined;
  try {
    const status = await stat(path);
    // To open one of those would wait for somebody who writes.
    if (status.isFIFO()) throw new Error("a pipe, which has no size. Give it a file");
    file = await open(path);
    const { size } = await file.stat();
    return await read(file, size);
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith(`[${where}]`)) throw error;
    const reason = messageOf(error);
    throw new Error(`[${where}] expected to read the file, got ${reason}`, { cause: error });
  } finally {
    await file?.close();
  }
}

/** Fills a buffer from a position of a file. */
export async function readBytes(file: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  for (let filled = 0; filled < buffer.length; ) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    filled += bytesRead;
  }
  return buffer;
}

/** The bytes of a part of a file. A piece is overwritten by the next. */
export async function* fileChunks(file: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, length));
  for (let done = 0; done < length; done += buffer.length) {
    yield await readBytes(file, buffer.subarray(0, Math.min(buffer.length, length - done)), start + done);
  }
}
