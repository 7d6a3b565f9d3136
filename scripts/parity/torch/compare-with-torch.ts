import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setNumThreads } from "../../../lib/torch/index.ts";
import { formatDifference } from "../format-difference.ts";
import { runPython } from "../python.ts";
import { compareAttention } from "./attention.ts";
import { compareAveraging } from "./averaging.ts";
import { compareFields } from "./fields.ts";
import { compareFilesWithPython } from "./files.ts";
import { compareFunctional } from "./functional.ts";
import { compareLBFGS } from "./lbfgs.ts";
import { compareLosses } from "./losses.ts";
import { compareModules } from "./modules.ts";
import { compareOptimizers } from "./optimizers.ts";
import { compareParamGroups } from "./param-groups.ts";
import { comparePrecision } from "./precision.ts";
import type { Row } from "./row.ts";
import { compareSamplers } from "./samplers.ts";
import { compareSchedules } from "./schedules.ts";
import { compareTorchscript } from "./torchscript.ts";

/** Each script of scripts/goldens that makes numbers with Python, and what makes them here and compares. */
const topics: Record<string, (golden: never, folder: string) => Row[] | Promise<Row[]>> = {
  nn: compareModules,
  attention: compareAttention,
  losses: compareLosses,
  functional: compareFunctional,
  optim: compareOptimizers,
  param_groups: compareParamGroups,
  lbfgs: compareLBFGS,
  schedules: compareSchedules,
  averaging: compareAveraging,
  precision: comparePrecision,
  pt_training: compareFilesWithPython,
  torchscript: compareTorchscript,
  samplers: compareSamplers,
  fields: compareFields,
};

/** How much of a row's name the table shows. */
const longest = 90;

/** Compares with numbers that Python makes now, prints a table, and tells how many rows are out of their bound. */
export async function compareWithTorch(seed: number, only: string): Promise<number> {
  setNumThreads(1);
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-parity-"));
  const rows: Row[] = [];
  try {
    for (const [topic, compare] of Object.entries(topics)) {
      const output = join(folder, `${topic}.json`);
      runPython(`../goldens/${topic}.py`, "--seed", String(seed), "--output", output);
      const golden = JSON.parse(readFileSync(output, "utf8")) as never;
      rows.push(...(await compare(golden, join(folder, topic))));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const shown = rows.filter(({ part, name }) => `${part} ${name}`.includes(only));
  if (shown.length === 0) throw new Error(`[parity] expected a row with ${only} in its name, found none`);
  // Not `>`: NaN is out of every bound.
  const isSame = ({ difference, bound }: Row) => difference <= bound;
  console.table(
    shown.map((row) => ({
      part: row.part,
      name: row.name.length > longest ? `${row.name.slice(0, longest)}...` : row.name,
      difference: formatDifference(row.difference),
      bound: formatDifference(row.bound),
      verdict: isSame(row) ? "same" : "differs",
    })),
  );
  const exact = shown.filter(({ difference }) => difference === 0).length;
  console.log(`${shown.length} rows, ${exact} of them equal to the bit`);
  return shown.filter((row) => !isSame(row)).length;
}
