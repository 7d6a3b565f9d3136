import "../torch/plain-kernels.ts";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { DictDataLoader, DictDataset, seedEverything } from "../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task, type TaskOptions } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import { cat, nn, rand, setNumThreads } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import golden from "../goldens/task_kinds.json" with { type: "json" };

before(() => setNumThreads(1));

/** Draws and trains what scripts/goldens/task_kinds.py does. */
async function train() {
  seedEverything(golden.seed);
  const points = rand([40, 2]).mul(2).sub(1);
  const yDict = {
    signs: cat([points, points.sum(1, { keepdim: true })], 1)
      .gt(0)
      .to("int64"),
    squares: cat([points, points.square()], 1),
  };
  const dataset = new DictDataset({ name: "data", split: "train", xDict: { points }, yDict });
  const loader = new DictDataLoader(dataset, { batchSize: 8, shuffle: true });
  const trunk = new nn.Sequential(new nn.Linear(2, 6), new nn.ReLU());
  const taskOf = (name: string, outputs: number, options: Partial<TaskOptions>) =>
    new Task({
      name,
      modulePool: { trunk, [`${name}_head`]: new nn.Linear(6, outputs) },
      opSequence: [
        new Operation({ moduleName: "trunk", inputs: [["_input_", "points"]] }),
        new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
      ],
      ...options,
    });
  const ofSigns = new Scorer({ metrics: ["accuracy", "f1_macro", "roc_auc_micro"] });
  const ofSquares = new Scorer({ metrics: ["rmse", "r2"] });
  const tasks = [
    taskOf("signs", 3, { kind: "multilabel", scorer: ofSigns }),
    taskOf("squares", 4, { kind: "regression", scorer: ofSquares }),
  ];
  const model = new MultitaskClassifier(tasks, { device: "cpu" });
  const optimizerConfig = { implementation: "foreach" } as const;
  await new Trainer({ nEpochs: 3, lr: 0.05, progressBar: false, optimizerConfig }).fit(model, [loader]);
  return { model, scores: await model.score([loader]) };
}

test("several labels and a regression give Python Snorkel's weights, to the bit, and scores", async () => {
  const { model, scores } = await train();
  const weights = Object.entries(model.stateDict()).map(([name, weight]) => [
    name,
    Array.from(weight.toTypedArray(), Number),
  ]);
  assert.deepEqual(Object.fromEntries(weights), golden.weights);
  assert.deepEqual(Object.keys(scores).sort(), Object.keys(golden.scores).sort());
  for (const [name, score] of Object.entries(golden.scores)) {
    // Python computes the errors of float32 numbers in float32.
    assert.ok(
      Math.abs((scores[name] ?? Number.NaN) - score) < 1e-6,
      `${name}: ${scores[name]}, not ${score}`,
    );
  }
});
