import type { FileHandle } from "node:fs/promises";
import { readNpyHeader } from "../torch/npy-header.ts";
import { fileChunks } from "../torch/read-file.ts";
import { elementCount, itemSizes } from "../torch/safetensors-header.ts";
import type { ZipEntry } from "../torch/zip-reader.ts";
import type { NumpyDescription, NumpyTensorDescription } from "./description.ts";

export async function describeNpy(
  where: string,
  file: FileHandle,
  path: string,
  bytes: number,
): Promise<NumpyDescription> {
  const tensor = await describeArray(where, "array", fileChunks(file, 0, bytes), bytes);
  return { format: "npy", path, bytes, tensors: [tensor] };
}

export async function describeNpz(
  where: string,
  entries: Iterable<ZipEntry>,
  path: string,
  bytes: number,
): Promise<NumpyDescription> {
  const tensors: NumpyTensorDescription[] = [];
  for (const { name, size, chunks } of entries) {
    tensors.push(
      await describeArray(`${where} ${JSON.stringify(name)}`, name.replace(/\.npy$/, ""), chunks(), size),
    );
  }
  return { format: "npz", path, bytes, tensors };
}

async function describeArray(
  where: string,
  name: string,
  chunks: AsyncGenerator<Buffer>,
  size: number,
): Promise<NumpyTensorDescription> {
  const { header } = await readNpyHeader(where, chunks, size);
  // What follows is not looked at.
  await chunks.return(undefined);
  const { dtype, shape, fortranOrder, bigEndian } = header;
  return { name, dtype, shape, bytes: elementCount(shape) * itemSizes[dtype], fortranOrder, bigEndian };
}
