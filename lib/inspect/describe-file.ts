import type { FileHandle } from "node:fs/promises";
import { expected } from "../errors.ts";
import { startsWithRecord } from "../logging/tf-record.ts";
import { readBytes, readFile } from "../torch/read-file.ts";
import { indexSuffix } from "../torch/safetensors-index.ts";
import { readZip } from "../torch/zip-reader.ts";
import { describeEvents } from "./describe-events.ts";
import { describeNpy, describeNpz } from "./describe-numpy.ts";
import { describePt, describeTorchScript } from "./describe-pt.ts";
import { describeSafetensors, describeShards } from "./describe-safetensors.ts";
import type { FileDescription } from "./description.ts";

const formats = "a safetensors, PyTorch, NumPy or TensorBoard event file";

/**
 * Says what a file holds: names, dtypes and shapes of tensors, and what else is there. The format is told from the file's
 * first bytes. Nothing in the file is executed or trusted, elements of tensors are not read, and LibTorch is not needed.
 *
 * @throws Error naming the file where it cannot be read, is damaged, or is of another format.
 */
export async function describeFile(path: string): Promise<FileDescription> {
  const where = `info ${path}`;
  const described = await readFile(where, path, async (file, size): Promise<FileDescription | number> => {
    if (path.endsWith(indexSuffix)) return size;
    const start = await readBytes(file, Buffer.alloc(Math.min(size, 512)), 0);
    const text = start.toString("latin1");
    if (text.startsWith("PK\x03\x04")) return describeArchive(where, file, path, size);
    if (text.startsWith("\x93NUMPY")) return describeNpy(where, file, path, size);
    if (startsWithRecord(start)) return describeEvents(file, path, size);
    if (text[0] === "\x80" || text.slice(257, 262) === "ustar") return describePt(where, file, path, size);
    // The length of the header, then its JSON.
    if (text[8] === "{") return size;
    throw expected(where, formats, "the file", `${start.subarray(0, 8).toString("hex")}...`);
  });
  if (typeof described !== "number") return described;
  return path.endsWith(indexSuffix) ? describeShards(path, described) : describeSafetensors(path, described);
}

/** What is in a zip archive tells whose it is. */
function describeArchive(
  where: string,
  file: FileHandle,
  path: string,
  size: number,
): Promise<FileDescription> {
  return readZip(where, file, size, async (entries): Promise<FileDescription> => {
    const names = [...entries.keys()];
    if (names.length > 0 && names.every((name) => name.endsWith(".npy"))) {
      return describeNpz(where, entries.values(), path, size);
    }
    if (names.some((name) => /^[^/]+\/constants\.pkl$/.test(name))) {
      return describeTorchScript(entries.values(), path, size);
    }
    return describePt(where, file, path, size);
  });
}
