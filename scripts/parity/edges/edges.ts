// A fixed list of situations at the edge of what Snorkel does, run on both sides, with what is expected of each.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPython } from "../python.ts";
import { dataEdges } from "./data.ts";
import { type Edge, formatExpected, formatResult, fulfils, type Result, runHere } from "./edge.ts";
import { loggingEdges } from "./logging.ts";
import { modelEdges } from "./model.ts";
import { scoringEdges } from "./scoring.ts";
import { trainingEdges } from "./training.ts";

/** Compares the edges whose names contain a text, prints those that are not as expected, and tells how many they are. */
export async function compareEdges(only: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-edges-"));
  try {
    const groups = [dataEdges, modelEdges(folder), scoringEdges, loggingEdges(folder), trainingEdges(folder)];
    const edges = groups.flat().filter(({ name }) => name.includes(only));
    console.log(`Running ${edges.length} edge cases with Python Snorkel, then here`);
    runPython("edges/run.py", folder, only);
    const python: Record<string, Result> = JSON.parse(
      readFileSync(join(folder, "results.json"), "utf8"),
      (_, value) => (value === "nan" ? Number.NaN : value),
    );
    process.removeAllListeners("warning");
    const known = new Set(edges.map(({ name }) => name));
    const problems = Object.keys(python)
      .filter((name) => !known.has(name))
      .map((name) => `${name}: only Python runs it`);
    for (const edge of edges) problems.push(...(await check(edge, python[edge.name])));
    for (const problem of problems) console.log(problem);
    console.log(`\n${edges.length - problems.length} passed, ${problems.length} failed`);
    return problems.length;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function check(edge: Edge, snorkel: Result | undefined): Promise<string[]> {
  const here = await runHere(edge);
  const isAsExpected =
    snorkel !== undefined && fulfils(snorkel, edge.snorkel) && fulfils(here, edge.expected);
  if (isAsExpected) return [];
  return [
    `${edge.name}\n` +
      `  Snorkel: expected ${formatExpected(edge.snorkel)}, got ${formatResult(snorkel)}\n` +
      `  here:    expected ${formatExpected(edge.expected)}, got ${formatResult(here)}`,
  ];
}
