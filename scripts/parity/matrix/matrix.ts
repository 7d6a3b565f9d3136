// Runs drawn at random, with Python Snorkel and here: all that there is to see of them is compared.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { torch } from "snorkel-torch";
import type { Manner, ParityCase } from "./case.ts";
import { type Check, checkCase } from "./check-case.ts";
import { makeData } from "./data.ts";
import { drawCase, drawManners } from "./draw-case.ts";
import type { Outcome } from "./outcome.ts";
import { type PythonOutcomes, runInPython } from "./python.ts";
import { printReport } from "./report.ts";
import { runCase } from "./run.ts";

export interface MatrixOptions {
  cases: number;
  seed: number;
  /** The name of the only case to run, or a part of it; all if empty. */
  only: string;
}

/** Compares the cases, prints what was seen, and tells how many failed. */
export async function compareMatrix({ cases, seed, only }: MatrixOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-parity-"));
  try {
    const drawn = Array.from({ length: cases }, (_, index) => ({
      parityCase: drawCase(seed, index),
      manners: drawManners(seed, index),
    })).filter(({ parityCase }) => only === "" || parityCase.name === only);
    if (drawn.length === 0) throw new Error(`[parity] expected a case named ${only}, found none`);
    const prepared = drawn.map((of) => ({ ...of, data: makeData(of.parityCase) }));
    console.log(`Running ${drawn.length} cases with Python Snorkel`);
    const python = await runInPython(prepared, folder);
    console.log("Running them here");
    process.removeAllListeners("warning");
    const checks: Check[] = [];
    for (const { parityCase, manners, data } of prepared) {
      const outcomes = python.get(parityCase.name) as PythonOutcomes;
      const runs: { manner: Manner; outcome: Outcome }[] = [];
      for (const manner of manners) {
        const own = join(folder, parityCase.name, manner.implementation);
        runs.push({ manner, outcome: await runCase(parityCase, data, manner, own) });
      }
      checks.push(torch.scope(() => checkCase(parityCase, outcomes, runs)));
      if (only !== "") describe(parityCase, manners, outcomes);
    }
    printReport(checks);
    return checks.filter(({ problems }) => problems.length > 0).length;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** All about one case. */
function describe(
  parityCase: ParityCase,
  manners: readonly Manner[],
  { snorkel, corrected }: PythonOutcomes,
): void {
  console.dir({ parityCase, manners }, { depth: 9 });
  for (const [side, { failure, log, files }] of Object.entries({ snorkel, corrected }))
    console.dir({ side, failure, log, files }, { depth: 4, maxArrayLength: 12 });
}
