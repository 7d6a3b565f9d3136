import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { after } from "node:test";
import { ZipFile } from "yazl";
import type { Tensor } from "../../lib/torch/tensor.ts";

const folder = mkdtempSync(join(tmpdir(), "pt-"));
after(() => rmSync(folder, { recursive: true }));

/** A path of that name in a folder of its own. */
export function newPath(name: string): string {
  return join(mkdtempSync(join(folder, "case-")), name);
}

/** What scripts/goldens/pt_files.py wrote. */
export function goldenPath(name: string): string {
  return resolve(import.meta.dirname, "../goldens/pt", name);
}

interface Expected {
  dtypes: Record<string, string[]>;
  snorkel: Record<string, string>;
  arrays: Record<string, { shape: number[]; values: number[] }>;
  saved: { shape: number[]; file: string }[];
}

export const expectedOfPython: Expected = JSON.parse(readFileSync(goldenPath("expected.json"), "utf8"));

/** The numbers of a tensor, also of int64, in row-major order. */
export function numbersOf(tensor: Tensor | undefined): number[] {
  return Array.from(tensor?.toTypedArray() ?? [], Number);
}

/** A zip archive with those entries, in the folder `a`. */
export async function archiveOf(
  entries: Readonly<Record<string, Buffer | string>>,
  options: { compress?: boolean; forceZip64Format?: boolean } = {},
): Promise<string> {
  const { compress = false, forceZip64Format = false } = options;
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(entries)) {
    zip.addBuffer(Buffer.from(content), `a/${name}`, { compress, forceZip64Format });
  }
  zip.end({ forceZip64Format, comment: "" });
  const path = newPath("a.pt");
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}

/** A pickle of protocol 2 of these opcodes, each a character, and the stop at its end. */
export function pickle(...opcodes: string[]): Buffer {
  return Buffer.from(`\x80\x02${opcodes.join("")}.`, "latin1");
}

/** Opcodes for a text, and for a whole number. */
export const text = (value: string): string => `U${String.fromCharCode(value.length)}${value}`;
export const whole = (value: number): string =>
  `J${String.fromCharCode(...[0, 8, 16, 24].map((shift) => (value >> shift) & 255))}`;

/** Opcodes for a storage, and for a tensor on it. */
export function storage(type: string, key: string, count: number): string {
  return `(${text("storage")}ctorch\n${type}\n${text(key)}${text("cpu")}${whole(count)}tQ`;
}
export function tensorOn(on: string, offset: number, size: number[], stride: number[]): string {
  const tuple = (sizes: number[]) => `(${sizes.map(whole).join("")}t`;
  return `ctorch._utils\n_rebuild_tensor_v2\n(${on}${whole(offset)}${tuple(size)}${tuple(stride)}\x89}tR`;
}
