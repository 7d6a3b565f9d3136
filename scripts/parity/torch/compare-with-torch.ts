import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setNumThreads } from "../../../lib/torch/index.ts";
import { formatDifference } from "../compare.ts";
import { runPython } from "../python.ts";
import type { Row } from "./row.ts";

/** A script that makes numbers with Python, and what makes the same numbers here and compares. */
interface Topic {
  script: string;
  compare: (golden: never) => Row[] | Promise<Row[]>;
}

const topics: Topic[] = [];

/** Compares with numbers that Python makes now, prints a table, and tells how many rows are out of their bound. */
export async function compareWithTorch(seed: number, only: string): Promise<number> {
  setNumThreads(1);
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-parity-"));
  const rows: Row[] = [];
  try {
    for (const { script, compare } of topics) {
      const output = join(folder, `${script}.json`);
      runPython(`../goldens/${script}`, "--seed", String(seed), "--output", output);
      rows.push(...(await compare(JSON.parse(readFileSync(output, "utf8")) as never)));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const shown = rows.filter(({ name }) => name.includes(only));
  if (shown.length === 0) throw new Error(`[parity] expected a row with ${only} in its name, found none`);
  // Not `>`: NaN is out of every bound.
  const isSame = ({ difference, bound }: Row) => difference <= bound;
  console.table(
    shown.map((row) => ({
      part: row.part,
      name: row.name,
      difference: formatDifference(row.difference),
      bound: formatDifference(row.bound),
      verdict: isSame(row) ? "same" : "differs",
    })),
  );
  return shown.filter((row) => !isSame(row)).length;
}
