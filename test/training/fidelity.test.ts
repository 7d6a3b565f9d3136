import "../torch/plain-kernels.ts";
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { DictDataLoader, DictDataset, seedEverything } from "../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task } from "../../lib/model/index.ts";
import { nn, rand, setNumThreads, type Tensor } from "../../lib/torch/index.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import golden from "../goldens/training.json" with { type: "json" };
import { assertClose, bounds, lossesByLabel, numbers } from "./fidelity.ts";

// Everything is drawn from the seed, in the order in which scripts/goldens/training.py draws it.
interface Golden {
  seed: number;
  runs: {
    trainer: TrainerOptions;
    losses: Record<string, number>[];
    scores: Record<string, number>;
    weights: Record<string, number[]>;
  }[];
}
const { seed, runs } = golden as unknown as Golden;

describe("training from a seed gives Python Snorkel's numbers", () => {
  before(() => setNumThreads(1));

  for (const run of runs) {
    for (const implementation of ["foreach", "fused"] as const) {
      it(`${run.trainer.optimizer}, ${implementation}: losses of every batch, weights and scores`, async () => {
        const { losses, weights, scores } = await train(run.trainer, implementation);
        const bound = bounds[implementation];
        assert.equal(losses.length, run.losses.length);
        run.losses.forEach((expected, batch) => {
          const actual = losses[batch] ?? {};
          assert.deepEqual(Object.keys(actual), Object.keys(expected), `batch ${batch}`);
          assertClose(Object.values(actual), Object.values(expected), bound.losses, `batch ${batch}`);
        });
        assert.deepEqual(Object.keys(weights), Object.keys(run.weights));
        for (const [name, expected] of Object.entries(run.weights)) {
          assertClose(weights[name] ?? [], expected, bound.weights, name);
        }
        assert.deepEqual(scores, run.scores);
      });
    }
  }
});

async function train(options: TrainerOptions, implementation: "foreach" | "fused") {
  seedEverything(seed);
  const loaders = [
    ...loadersOf("circle", (points) => points.square().sum(1).lt(1)),
    ...loadersOf("square", (points) => points.abs().lt(0.5).all(1)),
  ];
  const trunk = new nn.Sequential(new nn.Linear(2, 6), new nn.ReLU(), new nn.Dropout(0.2));
  const tasks = ["circle", "square"].map((name) => taskOf(name, trunk));
  const model = new MultitaskClassifier(tasks, { device: "cpu" });
  const trainer = new Trainer({
    ...options,
    optimizerConfig: { ...options.optimizerConfig, implementation },
  });
  const history = await trainer.fit(model, loaders);
  const losses = history.evaluations.map((evaluation) => lossesByLabel(evaluation.losses));
  const weights = Object.entries(model.stateDict()).map(([name, weight]) => [name, numbers(weight)] as const);
  return { losses, scores: await model.score(loaders), weights: Object.fromEntries(weights) };
}

function loadersOf(name: string, labelOf: (points: Tensor) => Tensor): DictDataLoader[] {
  return Object.entries({ train: 40, valid: 12 }).map(([split, rows]) => {
    const points = rand([rows, 2]).mul(2).sub(1);
    const labels = labelOf(points).to("int64");
    for (let row = 0; row < rows; row += 5) labels.select(0, row).fill_(-1);
    const dataset = new DictDataset({ name, split, xDict: { points }, yDict: { [name]: labels } });
    return new DictDataLoader(dataset, { batchSize: 8, shuffle: split === "train" });
  });
}

function taskOf(name: string, trunk: nn.Module): Task {
  return new Task({
    name,
    modulePool: { trunk, [`${name}_head`]: new nn.Linear(6, 2) },
    opSequence: [
      new Operation({ moduleName: "trunk", inputs: [["_input_", "points"]] }),
      new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
    ],
  });
}
