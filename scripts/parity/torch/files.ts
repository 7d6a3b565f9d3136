import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { load, nn, optim, save, Tensor } from "../../../lib/torch/index.ts";
import { runPython } from "../python.ts";
import type { Row } from "./row.ts";

/** What scripts/goldens/pt_training.py writes. */
export interface TrainingGolden {
  runs: Run[];
}

interface Run {
  kind: string;
  options: object;
  /** A file of torch.save, in base64: {@link Training}. */
  file: string;
}

interface Training {
  /** Of three stretches: by step, by parameter. */
  gradients: Tensor[][][];
  /** After each stretch. */
  states: Checkpoint[];
}

interface Checkpoint {
  model: Record<string, Tensor>;
  optimizer: optim.OptimizerStateDict;
}

const goldens = resolve(import.meta.dirname, "../../../test/goldens/pt");

/** Goes on from Python's files with each optimizer, saves and loads, and compares with Python going on. */
export async function compareFiles({ runs }: TrainingGolden): Promise<Row[]> {
  return inFolder((folder) => compareIn(folder, runs));
}

/** As {@link compareFiles}; then Python reads what was saved here, and goes on in turn. */
export async function compareFilesWithPython({ runs }: TrainingGolden): Promise<Row[]> {
  return inFolder(async (folder) => {
    const rows = await compareIn(folder, runs);
    const names = runs.map((run, i) => ({ name: nameOf(run, i), kind: run.kind }));
    writeFileSync(join(folder, "runs.json"), JSON.stringify(names));
    for (const name of ["values.pt", "tensors.pt", "snorkel.pth"]) {
      await save(await load(join(goldens, name)), join(folder, name));
    }
    runPython("torch/files.py", folder);
    const found: { name: string; difference: string }[] = JSON.parse(
      readFileSync(join(folder, "rows.json"), "utf8"),
    );
    const ofPython = found.map(({ name, difference }) => rowOf(name, Number(difference)));
    return [...rows, ...ofPython];
  });
}

async function compareIn(folder: string, runs: readonly Run[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [i, run] of runs.entries()) {
    const name = nameOf(run, i);
    const python = join(folder, `${name}.python.pt`);
    writeFileSync(python, Buffer.from(run.file, "base64"));
    const { gradients, states } = (await load(python)) as Training;
    const path = join(folder, `${name}.pt`);
    await save(trainOn(run.kind, states[0] as Checkpoint, gradients[1] as Tensor[][]), path);
    const difference = compareCheckpoints((await load(path)) as Checkpoint, states[1] as Checkpoint);
    rows.push(rowOf(`${name} of Python, trained on and saved here`, difference));
  }
  return rows;
}

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-files-"));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function nameOf({ kind }: Run, place: number): string {
  return `${kind}-${place}`;
}

function rowOf(name: string, difference: number): Row {
  return { part: "file", name, difference, bound: 0 };
}

/** The checkpoint after some steps with these gradients. */
function trainOn(kind: string, { model, optimizer: state }: Checkpoint, gradients: Tensor[][]): Checkpoint {
  const parameters = Object.values(model).map((tensor) => new nn.Parameter(tensor));
  const Kind = optim[kind as "Adam"];
  const optimizer = new Kind(parameters, { implementation: "foreach" });
  optimizer.loadStateDict(state);
  for (const step of gradients) {
    for (const [i, parameter] of parameters.entries()) parameter.grad = step[i]?.clone() ?? null;
    optimizer.step();
  }
  const names = Object.keys(model).map((name, i) => [name, parameters[i]?.detach()]);
  return { model: Object.fromEntries(names), optimizer: optimizer.stateDict() };
}

function compareCheckpoints(ours: Checkpoint, python: Checkpoint): number {
  const states = Object.entries(python.optimizer.state);
  if (Object.keys(ours.optimizer.state).length !== states.length) return Number.NaN;
  return Math.max(
    compareTensors(ours.model, python.model),
    compareOptions(ours.optimizer.param_groups[0] ?? {}, python.optimizer.param_groups[0] ?? {}),
    ...states.map(([place, state]) => compareTensors(ours.optimizer.state[Number(place)] ?? {}, state)),
  );
}

/** The options that both have are equal, or NaN. */
function compareOptions(ours: object, python: object): number {
  const others = new Map(Object.entries(python));
  const same = Object.entries(ours).every(
    ([name, value]) => !others.has(name) || JSON.stringify(value) === JSON.stringify(others.get(name)),
  );
  return same ? 0 : Number.NaN;
}

/** The largest difference of tensors by name; entries that are null in Python are absent here. */
function compareTensors(ours: Record<string, Tensor>, python: Record<string, Tensor | null>): number {
  const wanted = Object.entries(python).filter(
    (entry): entry is [string, Tensor] => entry[1] instanceof Tensor,
  );
  if (
    Object.keys(ours).sort().join() !==
    wanted
      .map(([name]) => name)
      .sort()
      .join()
  )
    return Number.NaN;
  return Math.max(0, ...wanted.map(([name, tensor]) => differenceOf(ours[name] as Tensor, tensor)));
}

function differenceOf(ours: Tensor, python: Tensor): number {
  const isAlike = ours.dtype === python.dtype && ours.shape.join() === python.shape.join();
  return isAlike ? ours.sub(python).abs().max().item() : Number.NaN;
}
