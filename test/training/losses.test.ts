import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DictDataLoader, DictDataset, seedEverything } from "../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task, type TaskOptions } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import { cat, nn, randn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";

const { functional } = nn;
const rows = 120;

/** A task of one linear layer over the field "x". */
function task(name: string, outputs: number, options: Partial<TaskOptions>): Task {
  const head = `${name}_head`;
  return new Task({
    name,
    modulePool: { [head]: new nn.Linear(3, outputs) },
    opSequence: [new Operation({ moduleName: head, inputs: [["_input_", "x"]] })],
    scorer: new Scorer(),
    outputFunc: (output) => output,
    ...options,
  });
}

/** Trains one task; the first and the last loss. */
async function train(made: Task, x: Tensor, labels: Tensor): Promise<{ first: number; last: number }> {
  const dataset = new DictDataset({
    name: "d",
    split: "train",
    xDict: { x },
    yDict: { [made.name]: labels },
  });
  const model = new MultitaskClassifier([made], { device: "cpu" });
  const trainer = new Trainer({ nEpochs: 20, lr: 0.05, progressBar: false });
  const loader = new DictDataLoader(dataset, { batchSize: 20, shuffle: true });
  const { evaluations } = await trainer.fit(model, [loader]);
  const lossOf = (i: number) => evaluations.at(i)?.losses["model/all/train/loss"] ?? Number.NaN;
  return { first: lossOf(0), last: lossOf(-1) };
}

describe("a task trains with a loss of torch.nn", () => {
  test("several labels a row: a module with weights, some rows without labels", async () => {
    seedEverything(1);
    const x = randn([rows, 3]);
    const labels = cat([x.gt(0).float(), x.sum(1, { keepdim: true }).gt(0).float()], 1);
    labels.narrow(0, 0, 30).fill_(-1);
    const lossFunc = new nn.BCEWithLogitsLoss({ posWeight: tensor([1, 2, 1, 2]) });
    const { first, last } = await train(task("labels", 4, { lossFunc }), x, labels);
    assert.ok(last < first / 2, `${first} -> ${last}`);
  });

  test("regression: a function of the output and the labels", async () => {
    seedEverything(2);
    const x = randn([rows, 3]);
    const labels = x.sum(1, { keepdim: true }).mul(0.5).add(1);
    const { first, last } = await train(task("value", 1, { lossFunc: functional.mseLoss }), x, labels);
    assert.ok(last < first / 100, `${first} -> ${last}`);
  });

  test("regression with an uncertainty: the output split in two", async () => {
    seedEverything(3);
    const x = randn([rows, 3]);
    const labels = x.sum(1).add(randn([rows]).mul(0.1));
    const lossFunc = (output: Tensor, target: Tensor) =>
      functional.gaussianNllLoss(output.select(1, 0), target, output.select(1, 1).exp());
    const { first, last } = await train(task("value", 2, { lossFunc }), x, labels);
    assert.ok(last < first - 0.5, `${first} -> ${last}`);
  });

  test("ranking: whether the first of two is better, 1 or 0 (-1 would be a missing label)", async () => {
    seedEverything(4);
    const x = randn([rows, 3]);
    const labels = x.select(1, 0).gt(x.select(1, 1)).long();
    const lossFunc = (scores: Tensor, better: Tensor) =>
      functional.marginRankingLoss(scores.select(1, 0), scores.select(1, 1), better.mul(2).sub(1), {
        margin: 0.5,
      });
    const { first, last } = await train(task("rank", 2, { lossFunc }), x, labels);
    assert.ok(last < first / 4, `${first} -> ${last}`);
  });

  test("rare classes: the focal loss, which gives one value a row", async () => {
    seedEverything(5);
    const x = randn([rows, 3]);
    const lossFunc = new nn.FocalLoss({ reduction: "none", weight: tensor([0.25, 0.75]) });
    const labels = x.select(1, 0).gt(1).long();
    const { first, last } = await train(task("rare", 2, { lossFunc }), x, labels);
    assert.ok(last < first / 2, `${first} -> ${last}`);
  });

  test("very many classes: a loss that learns, as a part of the model", async () => {
    seedEverything(6);
    const x = randn([rows, 3]);
    const labels = x.select(1, 0).mul(4).clamp(-5, 4).add(5).long();
    const adaptive = new nn.AdaptiveLogSoftmaxWithLoss(16, 10, [4, 7], { divValue: 2 });
    const lossFunc = (output: Tensor, target: Tensor) => adaptive.forward(output, target).loss;
    const made = task("many", 16, { lossFunc, modulePool: { many_head: new nn.Linear(3, 16), adaptive } });
    const { first, last } = await train(made, x, labels);
    assert.ok(last < first * 0.7, `${first} -> ${last}`);
  });
});
