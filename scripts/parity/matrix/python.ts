import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { torch } from "snorkel-torch";
import { runPython } from "../python.ts";
import type { ParityCase } from "./case.ts";
import { exportData, type LoaderData } from "./data.ts";
import { listFiles, readCheckpoints, readScalars, withoutExtension } from "./files.ts";
import type { SnorkelOutcome } from "./outcome.ts";

/** What Python gave for a case. */
export interface PythonOutcomes {
  /** By Snorkel as it is. */
  snorkel: SnorkelOutcome;
  /** By Snorkel put right as decided.ts says. */
  corrected: SnorkelOutcome;
  /** By the same from initial weights that are 1e-6 away: how much of a rounding the run makes. */
  nudged: SnorkelOutcome;
}

/** Runs all cases in one Python process. */
export async function runInPython(
  cases: readonly { parityCase: ParityCase; data: LoaderData[] }[],
  folder: string,
): Promise<Map<string, PythonOutcomes>> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cases.json"), JSON.stringify(cases.map(({ parityCase }) => parityCase)));
  const tensors = cases.map(({ parityCase, data }) => exportData(parityCase, data));
  await torch.saveSafetensors(join(folder, "data.safetensors"), Object.assign({}, ...tensors));
  runPython("matrix/run.py", folder);
  const results: Record<string, PythonOutcomes> = JSON.parse(
    readFileSync(join(folder, "results.json"), "utf8").replaceAll(/\bNaN\b/g, '"nan"'),
    (_, value) => notFinite.get(value) ?? value,
  );
  const written = await torch.loadSafetensors(join(folder, "tensors.safetensors"));
  for (const [name, tensor] of Object.entries(written)) {
    const [caseName = "", side, part, ...key] = name.split("/");
    const outcome = results[caseName]?.[side as keyof PythonOutcomes] as SnorkelOutcome;
    outcome.tensors ??= { initial: {}, final: {}, golds: {}, probs: {}, preds: {} };
    outcome.tensors[part as keyof SnorkelOutcome["tensors"]][key.join("/")] = tensor;
  }
  for (const [name, sides] of Object.entries(results))
    for (const [side, outcome] of Object.entries(sides) as [string, SnorkelOutcome][]) {
      const own = join(folder, name, side);
      outcome.events = readScalars(join(own, "logs/run"));
      outcome.files = listFiles(own).map(withoutExtension);
      outcome.checkpoints = await readCheckpoints(join(own, "checkpoints"));
    }
  return new Map(Object.entries(results));
}

/** How Python spells what JSON has no numbers for. */
const notFinite = new Map([
  ["nan", Number.NaN],
  ["inf", Infinity],
  ["-inf", -Infinity],
]);
