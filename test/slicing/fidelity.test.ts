import "../torch/plain-kernels.ts";
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type DictDataLoader, DictDataset, seedEverything } from "../../lib/data/index.ts";
import { SFApplier, SliceAwareClassifier, slicingFunction } from "../../lib/slicing/index.ts";
import { nn, rand, setNumThreads, type Tensor } from "../../lib/torch/index.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import golden from "../goldens/slicing.json" with { type: "json" };
import { assertClose, bounds, lossesByLabel, numbers } from "../training/fidelity.ts";

// Everything is drawn from the seed, in the order in which scripts/goldens/slicing.py draws it.
interface Run {
  trainer: TrainerOptions;
  /** Of the training data and of the validation data. */
  slices: Record<string, number[]>[];
  labels: Record<string, number[]>;
  start: Record<string, number[]>;
  losses: Record<string, number>[];
  weights: Record<string, number[]>;
  scores: Record<string, number>;
  sliceScores: Record<string, number>;
}
const { seed } = golden;
const runs = golden.runs as unknown as Run[];
const hidden = 6;

interface Point {
  x: number;
  y: number;
}
const applier = new SFApplier([
  slicingFunction(function right(point: Point) {
    return point.x > 0.5;
  }),
  slicingFunction((point: Point) => (point.x ** 2 + point.y ** 2 < 0.5 ? 1 : 0), { name: "inner" }),
]);

describe("a slice-aware training from a seed gives Python Snorkel's numbers", () => {
  before(() => setNumThreads(1));

  for (const run of runs) {
    for (const implementation of ["foreach", "fused"] as const) {
      it(`${run.trainer.optimizer}, ${implementation}: slices, losses, weights and scores`, async () => {
        const bound = bounds[implementation];
        const actual = await train(run.trainer, implementation);
        assert.deepEqual(actual.slices, run.slices);
        assert.deepEqual(actual.labels, run.labels);
        assert.deepEqual(actual.start, run.start);
        assert.deepEqual(Object.keys(actual.start), Object.keys(run.start));
        assert.equal(actual.losses.length, run.losses.length);
        run.losses.forEach((expected, batch) => {
          const losses = actual.losses[batch] ?? {};
          assert.deepEqual(Object.keys(losses), Object.keys(expected), `batch ${batch}`);
          assertClose(Object.values(losses), Object.values(expected), bound.losses, `batch ${batch}`);
        });
        for (const [name, expected] of Object.entries(run.weights)) {
          assertClose(actual.weights[name] ?? [], expected, bound.weights, name);
        }
        assert.deepEqual(actual.scores, run.scores);
        assert.deepEqual(actual.sliceScores, run.sliceScores);
      });
    }
  }
});

async function train(options: TrainerOptions, implementation: "foreach" | "fused") {
  seedEverything(seed);
  const data = [await dataOf("train", 40), await dataOf("valid", 16)];
  const trunk = new nn.Sequential(new nn.Linear(2, hidden), new nn.ReLU(), new nn.Dropout(0.2));
  const model = new SliceAwareClassifier({
    baseArchitecture: trunk,
    headDim: hidden,
    sliceNames: ["right", "inner"],
    inputDataKey: "points",
    taskName: "above",
    device: "cpu",
  });
  const start = numbersOf(model.stateDict());
  const loaders = data.map(({ dataset, S }) =>
    model.makeSliceDataloader(dataset, S, { batchSize: 8, shuffle: dataset.split === "train" }),
  );
  const optimizerConfig = { ...options.optimizerConfig, implementation };
  const history = await new Trainer({ ...options, optimizerConfig }).fit(model, loaders);
  return {
    slices: data.map(({ S }) =>
      Object.fromEntries(Object.entries(S).map(([name, votes]) => [name, [...votes]])),
    ),
    labels: numbersOf((loaders[0] as DictDataLoader).dataset.yDict),
    start,
    losses: history.evaluations.map(({ losses }) => lossesByLabel(losses)),
    weights: numbersOf(model.stateDict()),
    scores: await model.score(loaders),
    sliceScores: await model.scoreSlices(loaders),
  };
}

async function dataOf(split: string, rows: number) {
  const points = rand([rows, 2]).mul(2).sub(1);
  const labels = points.select(1, 0).lt(points.select(1, 1)).to("int64");
  for (let row = 0; row < rows; row += 5) labels.select(0, row).fill_(-1);
  const S = await applier.apply((points.tolist() as [number, number][]).map(([x, y]) => ({ x, y })));
  const dataset = new DictDataset({ name: "points", split, xDict: { points }, yDict: { above: labels } });
  return { dataset, S };
}

function numbersOf(tensors: Record<string, Tensor>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, numbers(tensor)]));
}
