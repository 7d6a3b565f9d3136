import assert from "node:assert/strict";
import { before, test } from "node:test";
import { DictDataLoader, DictDataset, seedEverything } from "../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task } from "../../lib/model/index.ts";
import { nn, rand, setNumThreads } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";

/** Below which line through the square a point is to lie, by task. */
const lines = { through: 0, above: 0.25 };

before(() => setNumThreads(1));

test("two tasks with a common first layer learn the lines that divide a square", async () => {
  seedEverything(123);
  const loaders = [...loadersOf("train", 1000), ...loadersOf("valid", 300)];
  const model = makeModel();
  await new Trainer({ progressBar: false, nEpochs: 10, lr: 0.0024 }).fit(model, loaders);
  const scores = await model.score(loaders);
  for (const { dataset } of loaders) {
    const [task = ""] = dataset.labelNames;
    const loss = model.calculateLoss(dataset.xDict, dataset.yDict).lossDict[task]?.item() ?? Number.NaN;
    assert.ok(loss < 0.05, `the ${dataset.split} loss of ${task} is ${loss}`);
    const accuracy = scores[`${task}/square/${dataset.split}/accuracy`] ?? 0;
    assert.ok(accuracy > 0.95, `the ${dataset.split} accuracy of ${task} is ${accuracy}`);
  }
});

function loadersOf(split: string, rows: number): DictDataLoader[] {
  return Object.entries(lines).map(([task, offset]) => {
    const points = rand([rows, 2]).mul(2).sub(1);
    const isBelow = points.select(1, 0).lt(points.select(1, 1).add(offset)).to("int64");
    const dataset = new DictDataset({ name: "square", split, xDict: { points }, yDict: { [task]: isBelow } });
    return new DictDataLoader(dataset, { batchSize: 4, shuffle: split === "train" });
  });
}

function makeModel(): MultitaskClassifier {
  const trunk = new nn.Sequential(new nn.Linear(2, 20), new nn.ReLU());
  const tasks = Object.keys(lines).map(
    (name) =>
      new Task({
        name,
        modulePool: { trunk, [`${name}_head`]: new nn.Linear(20, 2) },
        opSequence: [
          new Operation({ moduleName: "trunk", inputs: [["_input_", "points"]] }),
          new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
        ],
      }),
  );
  return new MultitaskClassifier(tasks, { device: "cpu" });
}
