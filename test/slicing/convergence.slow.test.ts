import assert from "node:assert/strict";
import { test } from "node:test";
import { DictDataset, seedEverything } from "../../lib/data/index.ts";
import { SliceAwareClassifier } from "../../lib/slicing/index.ts";
import { nn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { squarePoints } from "./models.ts";

// Snorkel's own test of convergence: slices of some 7, 6 and 27 percent of the points.
test("a model of slices learns the task, its slices, and what is in them", async () => {
  const inCircle = (points: Tensor, center: number[], radius: number) =>
    points.sub(tensor(center)).square().sum(1).sqrt().lt(radius).tolist() as number[];
  seedEverything(1);
  const model = new SliceAwareClassifier({
    baseArchitecture: new nn.Sequential(new nn.Linear(2, 20), new nn.ReLU()),
    headDim: 20,
    sliceNames: ["f", "g", "h"],
    inputDataKey: "points",
    device: "cpu",
  });
  const loaders = Object.entries({ train: 1500, valid: 300 }).map(([split, count]) => {
    const { points } = squarePoints(count);
    const task = points.select(1, 0).lt(points.select(1, 1).add(0.25)).to("int64");
    const dataset = new DictDataset({ name: "data", split, xDict: { points }, yDict: { task } });
    const S = {
      f: inCircle(points, [-0.15, -0.3], 0.3),
      g: inCircle(points, [0.25, 0], 0.3),
      h: inCircle(points, [0.25, 0], 0.6),
    };
    return model.makeSliceDataloader(dataset, S, { batchSize: 4, shuffle: split === "train" });
  });
  await new Trainer({ progressBar: false, lr: 0.001, nEpochs: 65 }).fit(model, loaders);
  const scores = await model.score(loaders);
  const sliceScores = await model.scoreSlices(loaders);
  for (const slice of ["f", "g", "h", "base"]) {
    const pred = `task_slice:${slice}_pred/data/valid/f1`;
    assert.ok((scores[pred] ?? 0) > 0.9, `${pred} ${scores[pred]}`);
    assert.ok((sliceScores[pred] ?? 0) > 0.9, `${pred} by the task ${sliceScores[pred]}`);
    const ind = `task_slice:${slice}_ind/data/valid/f1`;
    assert.ok((scores[ind] ?? 0) > 0.9, `${ind} ${scores[ind]}`);
  }
  assert.ok((scores["task/data/valid/accuracy"] ?? 0) > 0.95);
});
