import type { FileHandle } from "node:fs/promises";
import { expected } from "../errors.ts";
import type { Dtype } from "./dtype.ts";
import { readLegacy } from "./legacy-pt.ts";
import { readArchive } from "./pt-archive.ts";
import type { PtMaker } from "./pt-maker.ts";
import { readBytes } from "./read-file.ts";

/** Reads a file of `torch.save`, of today or from before PyTorch 1.6. */
export async function readPt<Made extends { readonly dtype: Dtype }>(
  where: string,
  file: FileHandle,
  size: number,
  maker: PtMaker<Made>,
): Promise<unknown> {
  const format = await recognize(where, file, size);
  return format(where, file, size, maker);
}

async function recognize(where: string, file: FileHandle, size: number): Promise<typeof readArchive> {
  const start = await readBytes(file, Buffer.alloc(Math.min(size, 512)), 0);
  if (start.subarray(0, 4).toString("latin1") === "PK\x03\x04") return readArchive;
  if (start[0] === 0x80) return readLegacy;
  const remedy = "Load it with a PyTorch that can, and save it again";
  if (start.subarray(257, 262).toString("latin1") === "ustar") {
    throw expected(where, "a file of torch.save since PyTorch 0.2", "the file", "a tar archive", remedy);
  }
  throw expected(where, "a file of torch.save", "the file", `${start.subarray(0, 8).toString("hex")}...`);
}
