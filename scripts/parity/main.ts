// Compares this package with Python, run live, and prints the differences.
//
//   npm run parity -- [--only TEXT]                     models trained with Python Snorkel and here
//   npm run parity -- --cases N [--seed N] [--only CASE]  runs drawn at random, all of them compared
//   npm run parity -- --torch [--seed N] [--only TEXT]  modules, losses, optimizers, schedules and files against PyTorch
//
// --only: the rows whose names contain the text. --seed: what the options and inputs are drawn from.
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    torch: { type: "boolean", default: false },
    edges: { type: "boolean", default: false },
    cases: { type: "string" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
  },
});

const differing = options.edges
  ? await withEdges()
  : options.cases
    ? await withMatrix(Number(options.cases))
    : options.torch
      ? await withTorch()
      : await withSnorkel();
console.log(differing === 0 ? "\nAll are the same" : `\n${differing} differ`);
process.exitCode = differing === 0 ? 0 : 1;

async function withTorch(): Promise<number> {
  // Before LibTorch is loaded, here and in Python.
  await import("../../test/torch/plain-kernels.ts");
  const { compareWithTorch } = await import("./torch/compare-with-torch.ts");
  return compareWithTorch(Number(options.seed), options.only);
}

async function withSnorkel(): Promise<number> {
  const { setNumThreads } = await import("snorkel-torch/torch");
  setNumThreads(1);
  const { compareWithSnorkel } = await import("./snorkel.ts");
  return compareWithSnorkel(options.only);
}

async function withMatrix(cases: number): Promise<number> {
  const { setNumThreads } = await import("snorkel-torch/torch");
  setNumThreads(1);
  const { compareMatrix } = await import("./matrix/matrix.ts");
  return compareMatrix({ cases, seed: Number(options.seed), only: options.only });
}

async function withEdges(): Promise<number> {
  const { setNumThreads } = await import("snorkel-torch/torch");
  setNumThreads(1);
  const { compareEdges } = await import("./edges/edges.ts");
  return compareEdges(options.only);
}
