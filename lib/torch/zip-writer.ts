import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { ZipFile } from "yazl";

/** A file to be put into an archive, uncompressed. */
export interface ZipSource {
  name: string;
  size: number;
  chunks: () => Iterable<Uint8Array>;
}

// The same values make the same bytes.
const mtime = new Date(1980, 0, 1);

/** Writes a zip archive from the start of a file. Nothing but the piece that is being written is held in memory. */
export async function writeZip(file: FileHandle, sources: Iterable<ZipSource>): Promise<void> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  let current: Readable | undefined;
  zip.on("error", (error: Error) => output.destroy(error));
  for (const { name, size, chunks } of sources) {
    zip.addReadStreamLazy(name, { size, mtime, compress: false, forceDosTimestamp: true }, (open) => {
      current = Readable.from(chunks(), { objectMode: false });
      current.on("error", (error) => output.destroy(error));
      open(null, current);
    });
  }
  zip.end();
  try {
    for await (const chunk of output) await file.writeFile(chunk);
  } finally {
    current?.destroy();
  }
}
