import type { FileHandle } from "node:fs/promises";
import { expected } from "../errors.ts";
import { readBytes, readFile } from "./read-file.ts";
import {
  decodeHeader,
  type ElementFormat,
  lengthBytes,
  loadableFormats,
  maxHeaderBytes,
  type SafetensorsHeader,
} from "./safetensors-header.ts";

/** Reads what a file says about itself, trusting nothing in it. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const where = `safetensors ${path}`;
  return readFile(
    where,
    path,
    async (file, size) => (await readHeader(where, file, size, loadableFormats)).header,
  );
}

/** Reads the header of an open file, with the dtypes that are allowed. */
export async function readHeader<D extends string>(
  where: string,
  file: FileHandle,
  size: number,
  formats: ReadonlyMap<string, ElementFormat<D>>,
): Promise<{ header: SafetensorsHeader<D>; dataStart: number }> {
  if (size < lengthBytes) throw expected(where, `at least ${lengthBytes} bytes`, "the file", size);
  const lengthField = await readBytes(file, Buffer.alloc(lengthBytes), 0);
  const length = lengthField.readBigUInt64LE();
  const most = Math.min(size - lengthBytes, maxHeaderBytes);
  if (length > most) throw expected(where, `at most ${most}`, "the length of the header", length);
  const dataStart = lengthBytes + Number(length);
  const json = await readBytes(file, Buffer.alloc(Number(length)), lengthBytes);
  return { header: decodeHeader(where, json, size - dataStart, formats), dataStart };
}
