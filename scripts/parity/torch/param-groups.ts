// Training in groups of parameters beside PyTorch's, as scripts/goldens/param_groups.py recorded it.
import { DictDataLoader, DictDataset } from "../../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task } from "../../../lib/model/index.ts";
import { nn, tensor } from "../../../lib/torch/index.ts";
import { Trainer, type TrainerOptions } from "../../../lib/training/index.ts";
import type { Row } from "./row.ts";

type Nested = number[] | number[][];

export interface ParamGroupGoldens {
  batchSize: number;
  trainer: {
    nEpochs: number;
    lr: number;
    l2: number;
    gradClip: number;
    warmupSteps: number;
    trunk: { lr: number; l2: number };
  };
  points: number[][];
  labels: number[][];
  runs: { kind: string; initial: Record<string, Nested>; weights: Record<string, Nested> }[];
}

const names = ["first", "second"];

/** Compares the weights after a whole training with each optimizer. */
export async function compareParamGroups(goldens: ParamGroupGoldens): Promise<Row[]> {
  const { warmupSteps, trunk, ...settings } = goldens.trainer;
  const rows: Row[] = [];
  for (const { kind, initial, weights } of goldens.runs) {
    const model = makeModel();
    const prefixed = Object.entries(initial).map(([name, value]) => [`module_pool.${name}`, tensor(value)]);
    model.loadStateDict(Object.fromEntries(prefixed));
    await new Trainer({
      ...settings,
      optimizer: kind.toLowerCase() as NonNullable<TrainerOptions["optimizer"]>,
      optimizerConfig: { implementation: "foreach" },
      paramGroups: [
        { modules: ["trunk"], ...trunk },
        { modules: ["second_head"], frozen: true },
      ],
      lrScheduler: "linear",
      lrSchedulerConfig: { warmupSteps },
      batchScheduler: "sequential",
      progressBar: false,
    }).fit(model, [makeLoader(goldens)]);
    const ours = model.stateDict();
    const differences = Object.entries(weights).map(([name, wanted]) =>
      distance(Array.from(ours[`module_pool.${name}`]?.toTypedArray() ?? [], Number), wanted.flat()),
    );
    rows.push({
      part: "optimizer",
      name: `Trainer with paramGroups, ${kind}`,
      difference: Math.max(...differences),
      bound: 0,
    });
  }
  return rows;
}

function makeModel(): MultitaskClassifier {
  const trunk = new nn.Sequential(new nn.Linear(2, 6), new nn.Tanh(), new nn.Linear(6, 4));
  const tasks = names.map(
    (name) =>
      new Task({
        name,
        modulePool: { trunk, [`${name}_head`]: new nn.Linear(4, 2) },
        opSequence: [
          new Operation({ moduleName: "trunk", inputs: [["_input_", "points"]] }),
          new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
        ],
      }),
  );
  return new MultitaskClassifier(tasks, { device: "cpu" });
}

function makeLoader({ batchSize, points, labels }: ParamGroupGoldens): DictDataLoader {
  const ofTask = (i: number) =>
    tensor(
      labels.map((row) => row[i] ?? Number.NaN),
      { dtype: "int64" },
    );
  const yDict = Object.fromEntries(names.map((name, i) => [name, ofTask(i)]));
  const dataset = new DictDataset({
    name: "points",
    split: "train",
    xDict: { points: tensor(points) },
    yDict,
  });
  return new DictDataLoader(dataset, { batchSize });
}

function distance(actual: readonly number[], wanted: readonly number[]): number {
  const scale = Math.max(...wanted.map(Math.abs)) || 1;
  return Math.max(...wanted.map((value, i) => Math.abs(value - (actual[i] ?? Number.NaN)) / scale));
}
