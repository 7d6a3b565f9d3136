// Modules of TorchScript files beside Python's, as scripts/goldens/torchscript.py recorded them.
import { join } from "node:path";
import { DictDataLoader, DictDataset } from "../../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task } from "../../../lib/model/index.ts";
import { jit, nn, noGrad, Tensor } from "../../../lib/torch/index.ts";
import { Trainer, type TrainerOptions } from "../../../lib/training/index.ts";
import { decodeTensor } from "./decode-tensor.ts";
import { difference } from "./golden-tensor.ts";
import type { Row } from "./row.ts";

/** A value as the script writes it: tensors and dictionaries are marked, all else is itself. */
type Recorded =
  | null
  | number
  | boolean
  | string
  | Recorded[]
  | { tensor: string }
  | { dict: Record<string, Recorded> };

export interface ScriptGolden {
  files: Record<
    string,
    {
      text: string;
      methods: string[];
      parameters: [name: string, requiresGrad: boolean][];
      buffers: string[];
      state: Record<string, string>;
    }
  >;
  calls: {
    file: string;
    method: string;
    arguments: Recorded[];
    result: Recorded;
    /** Of the squares of the output. */
    gradients: Record<string, string> | null;
  }[];
  runs: {
    options: TrainerOptions;
    batch: number;
    images: string;
    labels: string;
    head: Record<string, string>;
    losses: number[];
    output: string;
    weights: Record<string, string>;
  }[];
}

/** @param folder - where the files lie */
export async function compareTorchscript(golden: ScriptGolden, folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  const modules = new Map<string, jit.ScriptModule>();
  for (const [name, { state }] of Object.entries(golden.files)) {
    const module = await jit.load(join(folder, `${name}.pt`));
    rows.push({ part: "file", name: `${name}.pt`, difference: worst(module.stateDict(), state), bound: 0 });
    modules.set(name, module.eval());
  }
  for (const { file, method, arguments: args, result, gradients } of golden.calls) {
    const name = `${file}.pt ${method}`;
    const module = modules.get(file) as jit.ScriptModule;
    module.zeroGrad();
    const given = module.call(method, ...args.map(decode));
    rows.push({ part: "module", name, difference: distance(given, result), bound: 0 });
    if (gradients === null) continue;
    ([given].flat()[0] as Tensor).square().sum().backward();
    const own = module.namedParameters().flatMap(([path, { grad }]) => (grad === null ? [] : [[path, grad]]));
    const furthest = worst(Object.fromEntries(own), gradients);
    rows.push({ part: "module", name: `${name}: gradients`, difference: furthest, bound: 0 });
  }
  for (const run of golden.runs) rows.push(...(await fineTune(run, join(folder, "trunk.pt"))));
  return rows;
}

/** Trains the trunk of a file below a new head. */
async function fineTune(run: ScriptGolden["runs"][number], path: string): Promise<Row[]> {
  const head = new nn.Linear(6, 2);
  head.loadStateDict(decodeAll(run.head));
  const task = new Task({
    name: "task",
    modulePool: { trunk: await jit.load(path), head },
    opSequence: [
      new Operation({ moduleName: "trunk", inputs: [["_input_", "images"]] }),
      new Operation({ moduleName: "head", inputs: ["trunk"] }),
    ],
  });
  const model = new MultitaskClassifier([task], { device: "cpu" });
  const images = decodeTensor(run.images);
  const yDict = { task: decodeTensor(run.labels) };
  const dataset = new DictDataset({ name: "points", split: "train", xDict: { images }, yDict });
  const trainer = new Trainer({
    ...run.options,
    progressBar: false,
    optimizerConfig: { implementation: "foreach" },
    logManagerConfig: { counterUnit: "batches", evaluationFreq: 1 },
  });
  const { evaluations } = await trainer.fit(model, [new DictDataLoader(dataset, { batchSize: run.batch })]);
  const losses = evaluations.map((evaluation) => evaluation.losses["task/points/train/loss"]);
  model.eval();
  const { head: output } = noGrad(() => model.forward({ images: images.narrow(0, 0, 4) }, ["task"]));
  const name = `trunk.pt fine-tuned by ${run.options.optimizer}`;
  return [
    { part: "module", name: `${name}: losses`, difference: distance(losses, run.losses), bound: 0 },
    { part: "module", name: `${name}: weights`, difference: worst(model.stateDict(), run.weights), bound: 0 },
    {
      part: "module",
      name: `${name}: output`,
      difference: difference(output as Tensor, run.output),
      bound: 0,
    },
  ];
}

function decode(value: Recorded): jit.ScriptValue {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value;
  if ("tensor" in value) return decodeTensor(value.tensor);
  return Object.fromEntries(Object.entries(value.dict).map(([key, element]) => [key, decode(element)]));
}

export function decodeAll(dict: Record<string, string>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(dict).map(([name, tensor]) => [name, decodeTensor(tensor)]));
}

/** The largest difference among tensors of the same names. */
export function worst(actual: Record<string, Tensor>, golden: Record<string, string>): number {
  if (Object.keys(actual).join() !== Object.keys(golden).join()) return Number.NaN;
  return Math.max(
    0,
    ...Object.entries(golden).map(([name, tensor]) => difference(actual[name] ?? null, tensor)),
  );
}

/** The largest difference inside of two values of one form. */
function distance(actual: unknown, golden: Recorded): number {
  if (Array.isArray(golden)) {
    if (!Array.isArray(actual) || actual.length !== golden.length) return Number.NaN;
    return Math.max(0, ...golden.map((element, i) => distance(actual[i], element)));
  }
  if (typeof golden === "number" && typeof actual === "number") {
    return actual === golden ? 0 : Math.abs(actual - golden) / (Math.abs(golden) || 1);
  }
  if (typeof golden !== "object" || golden === null) return actual === golden ? 0 : Number.NaN;
  if ("tensor" in golden) return actual instanceof Tensor ? difference(actual, golden.tensor) : Number.NaN;
  if (typeof actual !== "object" || actual === null || Array.isArray(actual)) return Number.NaN;
  const given = Object.entries(actual);
  if (given.map(([key]) => key).join() !== Object.keys(golden.dict).join()) return Number.NaN;
  return Math.max(0, ...given.map(([key, element]) => distance(element, golden.dict[key] as Recorded)));
}
