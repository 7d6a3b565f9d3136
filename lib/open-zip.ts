import { read } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";

/** How much is read at once. */
const chunkBytes = 2 ** 18;

type Callback = (error: Error | null, bytesRead?: number) => void;

/** yauzl asks for positions that a damaged archive names; Node throws at an impossible one, where nobody could catch it. */
class ArchiveReader extends RandomAccessReader {
  readonly #file: FileHandle;
  readonly #size: number;

  constructor(file: FileHandle, size: number) {
    super();
    this.#file = file;
    this.#size = size;
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, done: Callback): void {
    if (position >= 0 && position + length <= this.#size)
      read(this.#file.fd, buffer, offset, length, position, done);
    else setImmediate(done, new Error(`it refers to byte ${position}, outside of its ${this.#size}`));
  }

  // Not Node's own stream of a file: destroyed early, that closes the file.
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#chunks(start, end), { objectMode: false });
  }

  async *#chunks(start: number, end: number): AsyncGenerator<Buffer> {
    for (let position = start; position < end; ) {
      const length = Math.min(chunkBytes, end - position);
      const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafe(length), 0, length, position);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  }
}

/**
 * Opens a zip archive in an open file, which stays open.
 *
 * @throws Error naming what is damaged.
 */
export function openZip(file: FileHandle, size: number): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false, strictFileNames: true };
  return fromRandomAccessReaderPromise(new ArchiveReader(file, size), size, options);
}
