import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after } from "node:test";
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
}

export const expectedOfPython: Expected = JSON.parse(readFileSync(goldenPath("expected.json"), "utf8"));

/** The numbers of a tensor, also of int64, in row-major order. */
export function numbersOf(tensor: Tensor | undefined): number[] {
  return Array.from(tensor?.toTypedArray() ?? [], Number);
}
