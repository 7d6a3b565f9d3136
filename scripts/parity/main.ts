// Trains the same models with Python Snorkel and here, and compares losses, learning rates, weights and scores.
//
//   npm run parity [-- --only TEXT]      --only: the cases whose names contain the text
//
// With the "foreach" optimizers weights are equal to the bit; with the "fused" ones they are within 1e-5.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadSafetensors, saveSafetensors, setNumThreads } from "snorkel-torch/torch";
import { type ParityCase, parityCases, tutorialCase } from "./cases.ts";
import { broken, compare, relativeDifference } from "./compare.ts";
import { runPython } from "./python.ts";
import { type Outcome, train } from "./train.ts";
import { exportWorkloads, makeWorkloads } from "./workloads.ts";

const seed = 123;
const { values: options } = parseArgs({ options: { only: { type: "string", default: "" } } });
const cases = parityCases().filter(({ name }) => name.includes(options.only));
if (cases.length === 0)
  throw new Error(`[parity] expected a case with ${options.only} in its name, found none`);
const tutorial = tutorialCase(seed);
const workloads = makeWorkloads(seed);

setNumThreads(1);
console.log(`Training ${cases.length + 1} models with Python Snorkel`);
const python = await trainInPython([...cases, tutorial]);

console.log("Training them here");
const rows: Record<string, string>[] = [];
for (const parityCase of cases) rows.push(await check(parityCase));
rows.push(checkExample());
console.table(rows);

const failures = rows.filter(({ verdict }) => verdict !== "same").length;
console.log(failures === 0 ? `\nAll ${rows.length} are the same` : `\n${failures} of ${rows.length} differ`);
process.exitCode = failures === 0 ? 0 : 1;

type PythonOutcome = Outcome & { initialWeights: Outcome["weights"] };

/** Trains all cases in one Python process. */
async function trainInPython(all: ParityCase[]): Promise<Map<string, PythonOutcome>> {
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-parity-"));
  try {
    const { description, tensors } = exportWorkloads(workloads);
    writeFileSync(join(folder, "cases.json"), JSON.stringify({ cases: all, workloads: description }));
    await saveSafetensors(join(folder, "data.safetensors"), tensors);
    runPython("train.py", folder);
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

function outcomeInPython(parityCase: ParityCase): PythonOutcome {
  const outcome = python.get(parityCase.name);
  if (outcome === undefined)
    throw new Error(`[parity] expected an outcome of "${parityCase.name}", got none`);
  return outcome;
}

/** A row of the table: trains a case here with each implementation of the optimizers. */
async function check(parityCase: ParityCase): Promise<Record<string, string>> {
  const theirs = outcomeInPython(parityCase);
  const row: Record<string, string> = { case: parityCase.name };
  const differing: string[] = [];
  for (const implementation of ["foreach", "fused"] as const) {
    const ours = await train(
      parityCase,
      workloads[parityCase.workload],
      theirs.initialWeights,
      implementation,
    );
    const difference = compare(ours, theirs);
    row[`${implementation} losses`] = format(difference.losses);
    row[`${implementation} weights`] = format(difference.weights);
    differing.push(...broken(difference, implementation).map((name) => `${implementation} ${name}`));
  }
  return { ...row, verdict: differing.length === 0 ? "same" : `${differing.join(", ")} differ` };
}

/** A row of the table: the scores that the example prints. */
function checkExample(): Record<string, string> {
  const script = resolve(import.meta.dirname, "../../examples/tutorial.ts");
  const command = ["--import", "tsx", script, "--json", "--seed", String(seed)];
  const output = execFileSync(process.execPath, command, {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  const ours: Record<string, number> = JSON.parse(output.trim().split("\n").at(-1) ?? "");
  const isSame = relativeDifference(ours, outcomeInPython(tutorial).scores) === 0;
  return { case: `${tutorial.name} (scores)`, verdict: isSame ? "same" : "scores differ" };
}

function format(difference: number): string {
  return difference === 0 ? "0" : difference.toExponential(1);
}
