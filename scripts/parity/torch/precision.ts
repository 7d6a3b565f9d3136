// Training in other precisions beside plain PyTorch loops, as scripts/goldens/precision.py recorded them.
import { DictDataLoader, DictDataset } from "../../../lib/data/index.ts";
import { MultitaskClassifier, Operation, type Precision, Task } from "../../../lib/model/index.ts";
import { manualSeed, nn, type Tensor } from "../../../lib/torch/index.ts";
import { Trainer } from "../../../lib/training/index.ts";
import { decodeTensor } from "./decode-tensor.ts";
import { difference } from "./golden-tensor.ts";
import type { Row } from "./row.ts";
import { decodeAll, worst } from "./torchscript.ts";

export interface PrecisionGolden {
  batch: number;
  epochs: number;
  runs: {
    precision: Precision;
    optimizer: "adam" | "sgd";
    lr: number;
    seed: number;
    fields: string;
    labels: string;
    initial: Record<string, string>;
    losses: number[];
    probs: string;
    weights: Record<string, string>;
  }[];
}

export async function comparePrecision(golden: PrecisionGolden): Promise<Row[]> {
  const rows: Row[] = [];
  for (const run of golden.runs) rows.push(...(await train(run, golden)));
  return rows;
}

async function train(
  run: PrecisionGolden["runs"][number],
  { batch, epochs }: PrecisionGolden,
): Promise<Row[]> {
  const trunk = new nn.Sequential(
    new nn.Linear(4, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Dropout(0.1),
    new nn.Linear(16, 8),
    new nn.Tanh(),
  );
  const task = new Task({
    name: "task",
    modulePool: { trunk, head: new nn.Linear(8, 3) },
    opSequence: [
      new Operation({ moduleName: "trunk", inputs: [["_input_", "fields"]] }),
      new Operation({ moduleName: "head", inputs: ["trunk"] }),
    ],
  });
  const model = new MultitaskClassifier([task], { device: "cpu" });
  model.modulePool.loadStateDict(decodeAll(run.initial));
  const dataset = new DictDataset({
    name: "points",
    split: "train",
    xDict: { fields: decodeTensor(run.fields) },
    yDict: { task: decodeTensor(run.labels) },
  });
  const { precision, optimizer, lr, seed } = run;
  const trainer = new Trainer({
    precision,
    optimizer,
    lr,
    nEpochs: epochs,
    gradClip: 0,
    progressBar: false,
    optimizerConfig: { implementation: "foreach" },
    logManagerConfig: { counterUnit: "batches", evaluationFreq: 1 },
  });
  const loader = new DictDataLoader(dataset, { batchSize: batch });
  manualSeed(seed);
  const { evaluations } = await trainer.fit(model, [loader]);
  const { probs } = await model.predict(loader);
  const losses = evaluations.map((evaluation) => evaluation.losses["task/points/train/loss"] ?? Number.NaN);
  const furthest = Math.max(
    ...run.losses.map((loss, i) => Math.abs((losses[i] ?? Number.NaN) - loss) / loss),
  );
  const row = (what: string, worstOf: number): Row => ({
    part: "module",
    name: `${precision} by ${optimizer}: ${what}`,
    difference: worstOf,
    bound: 0,
  });
  return [
    row("losses", losses.length === run.losses.length ? furthest : Number.NaN),
    row("weights", worst(model.modulePool.stateDict(), run.weights)),
    row("probabilities", difference(probs.task as Tensor, run.probs)),
  ];
}
