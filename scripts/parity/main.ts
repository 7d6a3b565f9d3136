// Compares this package with Python, run live, and prints the differences.
//
//   npm run parity                                        with Python Snorkel: the examples, edge cases, 40 drawn runs
//   npm run parity -- --cases N [--seed N] [--only CASE]  so many runs drawn from a seed, or the one of that name
//   npm run parity -- --edges [--only TEXT]               what Snorkel does at the edges, and what this package does there
//   npm run parity -- --examples [--only TEXT]            the models of examples/, and the programs of docs/from-snorkel.md
//   npm run parity -- --torch [--seed N] [--only TEXT]    modules, losses, optimizers, schedules and files against PyTorch
//   npm run parity -- --metrics [--seed N] [--only TEXT]  metrics, curves and reports against scikit-learn
//
// --only: those whose names contain the text. --seed: what is drawn is drawn from it; 1 by default. --fast-kernels: the
// kernels that the processor has, rather than the plain ones, which round alike on all of them.
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    torch: { type: "boolean", default: false },
    metrics: { type: "boolean", default: false },
    examples: { type: "boolean", default: false },
    edges: { type: "boolean", default: false },
    cases: { type: "string" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    "fast-kernels": { type: "boolean", default: false },
  },
});
const { only } = options;
const seed = Number(options.seed);

// Before LibTorch is loaded, here and in Python.
if (!options["fast-kernels"]) await import("../../test/torch/plain-kernels.ts");

const differing = options.metrics
  ? await withSklearn()
  : options.torch
    ? await withTorch()
    : await withSnorkel();
console.log(differing === 0 ? "\nAll are the same" : `\n${differing} differ`);
process.exitCode = differing === 0 ? 0 : 1;

async function withTorch(): Promise<number> {
  const { compareWithTorch } = await import("./torch/compare-with-torch.ts");
  return compareWithTorch(seed, only);
}

async function withSklearn(): Promise<number> {
  const { compareWithSklearn } = await import("./metrics.ts");
  return compareWithSklearn(seed, only);
}

async function withSnorkel(): Promise<number> {
  const { setNumThreads } = await import("snorkel-torch/torch");
  setNumThreads(1);
  const { compareExamples } = await import("./examples/examples.ts");
  const { compareEdges } = await import("./edges/edges.ts");
  const { compareMatrix } = await import("./matrix/matrix.ts");
  if (options.examples) return compareExamples(only);
  if (options.edges) return compareEdges(only);
  if (options.cases !== undefined) return compareMatrix({ cases: Number(options.cases), seed, only });
  return (
    (await compareExamples("")) +
    (await compareEdges("")) +
    (await compareMatrix({ cases: 40, seed, only: "" }))
  );
}
