import type { FileHandle } from "node:fs/promises";
import { expected } from "../errors.ts";
import type { FileToWrite } from "../files.ts";
import { operator } from "./operators.ts";
import { fileChunks, readBytes, readFile } from "./read-file.ts";
import {
  decodeHeader,
  encodeHeader,
  layOut,
  lengthBytes,
  maxHeaderBytes,
  type SafetensorsHeader,
} from "./safetensors-header.ts";
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
    const { header, dataStart } = await readHeader(where, file, size);
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

/** Reads what a file says about itself, trusting nothing in it. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const where = `safetensors ${path}`;
  return readFile(where, path, async (file, size) => (await readHeader(where, file, size)).header);
}

async function readHeader(
  where: string,
  file: FileHandle,
  size: number,
): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  if (size < lengthBytes) throw expected(where, `at least ${lengthBytes} bytes`, "the file", size);
  const lengthField = await readBytes(file, Buffer.alloc(lengthBytes), 0);
  const length = lengthField.readBigUInt64LE();
  const most = Math.min(size - lengthBytes, maxHeaderBytes);
  if (length > most) throw expected(where, `at most ${most}`, "the length of the header", length);
  const dataStart = lengthBytes + Number(length);
  const json = await readBytes(file, Buffer.alloc(Number(length)), lengthBytes);
  return { header: decodeHeader(where, json, size - dataStart), dataStart };
}
