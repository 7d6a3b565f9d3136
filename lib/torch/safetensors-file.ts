import type { FileHandle } from "node:fs/promises";
import { expected } from "../errors.ts";
import type { FileToWrite } from "../files.ts";
import { operator } from "./operators.ts";
import { fileChunks, readFile } from "./read-file.ts";
import { readHeader } from "./read-safetensors-header.ts";
import { encodeHeader, layOut, loadableFormats, type SafetensorsHeader } from "./safetensors-header.ts";
import type { Tensor } from "./tensor.ts";
import { chunksOf, fill } from "./tensor-bytes.ts";

const empty = operator("empty", ["aten::empty.memory_format"]);

/** A safetensors file that is ready to be written: its header is made, and so checked, at once. */
export function safetensorsFile(
  where: string,
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Record<string, string> | null,
): FileToWrite {
  const entries = layOut(where, tensors);
  const header = encodeHeader(where, entries, metadata);
  const write = async (file: FileHandle) => {
    await file.writeFile(header);
    for (const [name] of entries) {
      for (const chunk of chunksOf(tensors[name] as Tensor)) await file.writeFile(chunk);
    }
  };
  return { path, write };
}

/** Reads the tensors of a file that `wanted` picks out of its header; all of them by default. */
export async function readSafetensors(
  path: string,
  device: string,
  wanted: (header: SafetensorsHeader) => Iterable<string> = ({ tensors }) => Object.keys(tensors),
): Promise<Record<string, Tensor>> {
  const where = `safetensors ${path}`;
  return readFile(where, path, async (file, size) => {
    const { header, dataStart } = await readHeader(where, file, size, loadableFormats);
    const loaded: [string, Tensor][] = [];
    try {
      for (const name of wanted(header)) {
        const entry = Object.hasOwn(header.tensors, name) ? header.tensors[name] : undefined;
        if (entry === undefined)
          throw expected(where, `a tensor ${JSON.stringify(name)}`, "the file", header.tensors);
        const { dtype, shape, dataOffsets } = entry;
        const tensor = empty(shape, { dtype, device }) as Tensor;
        loaded.push([name, tensor]);
        const [start, end] = dataOffsets;
        await fill(where, tensor, fileChunks(file, dataStart + start, end - start));
      }
    } catch (error) {
      for (const [, tensor] of loaded) tensor.dispose();
      throw error;
    }
    return Object.fromEntries(loaded);
  });
}
