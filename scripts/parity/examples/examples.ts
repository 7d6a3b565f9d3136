// The models of examples/ trained with Python Snorkel and here: losses and learning rates of each batch, weights and scores.
//
// With the "foreach" optimizers weights are equal to the bit; with the "fused" ones they are within 1e-5.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { loadSafetensors, saveSafetensors } from "snorkel-torch/torch";
import { formatDifference } from "../format-difference.ts";
import { runPython } from "../python.ts";
import { type ParityCase, parityCases, tutorialCase } from "./cases.ts";
import { broken, compare, relativeDifference } from "./compare.ts";
import { checkGuide } from "./guide.ts";
import { type Outcome, train } from "./train.ts";
import { exportWorkloads, makeWorkloads, type Workload, type Workloads } from "./workloads.ts";

const seed = 123;

/** Compares the cases whose names contain a text, prints a table, and tells how many differ. */
export async function compareExamples(only: string): Promise<number> {
  const cases = parityCases().filter(({ name }) => name.includes(only));
  if (cases.length === 0) throw new Error(`[parity] expected a case with ${only} in its name, found none`);
  const tutorial = tutorialCase(seed);
  const workloads = makeWorkloads(seed);

  console.log(`Training ${cases.length + 1} models with Python Snorkel`);
  const python = await trainInPython([...cases, tutorial], workloads);

  console.log("Training them here");
  const rows: Record<string, string>[] = [];
  for (const parityCase of cases) {
    rows.push(await check(parityCase, workloads[parityCase.workload], outcomeOf(parityCase, python)));
  }
  rows.push(checkExample(tutorial, outcomeOf(tutorial, python)));
  rows.push(checkGuide());
  console.table(rows);
  return rows.filter(({ verdict }) => verdict !== "same").length;
}

type PythonOutcome = Outcome & { initialWeights: Outcome["weights"] };

/** Trains all cases in one Python process. */
async function trainInPython(all: ParityCase[], workloads: Workloads): Promise<Map<string, PythonOutcome>> {
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-parity-"));
  try {
    const { description, tensors } = exportWorkloads(workloads);
    writeFileSync(join(folder, "cases.json"), JSON.stringify({ cases: all, workloads: description }));
    await saveSafetensors(join(folder, "data.safetensors"), tensors);
    runPython("examples/train.py", folder);
    const results: Record<string, Omit<Outcome, "weights">> = JSON.parse(
      readFileSync(join(folder, "results.json"), "utf8"),
    );
    const weights = await loadSafetensors(join(folder, "weights.safetensors"));
    const weightsUnder = (prefix: string) =>
      Object.fromEntries(
        Object.entries(weights)
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
      );
    return new Map(
      Object.entries(results).map(([name, { batches, scores }]) => {
        const initialWeights = weightsUnder(`${name}/initial/`);
        return [name, { batches, scores, initialWeights, weights: weightsUnder(`${name}/final/`) }];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outcomeOf(parityCase: ParityCase, python: ReadonlyMap<string, PythonOutcome>): PythonOutcome {
  const outcome = python.get(parityCase.name);
  if (outcome === undefined)
    throw new Error(`[parity] expected an outcome of "${parityCase.name}", got none`);
  return outcome;
}

/** A row of the table: trains a case here with each implementation of the optimizers. */
async function check(
  parityCase: ParityCase,
  workload: Workload,
  python: PythonOutcome,
): Promise<Record<string, string>> {
  const row: Record<string, string> = { case: parityCase.name };
  const differing: string[] = [];
  for (const implementation of ["foreach", "fused"] as const) {
    const ours = await train(parityCase, workload, python.initialWeights, implementation);
    const difference = compare(ours, python);
    row[`${implementation} losses`] = formatDifference(difference.losses);
    row[`${implementation} weights`] = formatDifference(difference.weights);
    differing.push(...broken(difference, implementation).map((name) => `${implementation} ${name}`));
  }
  return { ...row, verdict: differing.length === 0 ? "same" : `${differing.join(", ")} differ` };
}

/** A row of the table: the scores that the example prints. */
function checkExample(tutorial: ParityCase, python: PythonOutcome): Record<string, string> {
  const script = resolve(import.meta.dirname, "../../../examples/tutorial.ts");
  const command = ["--import", "tsx", script, "--json", "--seed", String(tutorial.seed)];
  const output = execFileSync(process.execPath, command, {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  const ours: Record<string, number> = JSON.parse(output.trim().split("\n").at(-1) ?? "");
  const isSame = relativeDifference(ours, python.scores) === 0;
  return { case: `${tutorial.name} (scores)`, verdict: isSame ? "same" : "scores differ" };
}
