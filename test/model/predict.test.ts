import assert from "node:assert/strict";
import { test } from "node:test";
import { DictDataLoader, DictDataset } from "../../lib/data/index.ts";
import { MultitaskClassifier } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import { nn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { fieldTask, pointsLoader, twoTaskModel } from "./models.ts";

const onCpu = { device: "cpu" } as const;
const logits = tensor([
  [2, -1],
  [0.5, 0.25],
  [-3, 1],
  [0, 0],
]);

const dataset = (yDict: Record<string, Tensor>) =>
  new DictDataset({ name: "data", split: "test", xDict: { logits }, yDict });
const gold = tensor([0, 1, 1, -1], { dtype: "int64" });

test("parity 26: predict gives golds with their -1, probabilities and, if asked, predictions", async () => {
  const model = new MultitaskClassifier([fieldTask("task")], onCpu);
  const loader = new DictDataLoader(dataset({ task: gold }), { batchSize: 3 });
  const { golds, probs, preds } = await model.predict(loader, { returnPreds: true });
  assert.deepEqual(golds.task?.tolist(), [0, 1, 1, -1]);
  assert.ok(probs.task?.allclose(nn.functional.softmax(logits, { dim: 1 })));
  assert.deepEqual((preds?.task?.tolist() as number[] | undefined)?.slice(0, 3), [0, 0, 1]);
  assert.equal((await model.predict(loader)).preds, undefined);
});

test("parity 26: ties are broken by the row's position, as Snorkel does", async () => {
  const zeros = tensor(Array.from({ length: 10 }, () => [0, 0]));
  const yDict = { task: tensor(new Array(10).fill(1), { dtype: "int64" }) };
  const tied = new DictDataset({ name: "data", split: "test", xDict: { logits: zeros }, yDict });
  const model = new MultitaskClassifier([fieldTask("task")], onCpu);
  const loader = new DictDataLoader(tied, { batchSize: 4 });
  const { preds } = await model.predict(loader, { returnPreds: true });
  assert.deepEqual(preds?.task?.tolist(), [0, 1, 0, 1, 0, 0, 0, 0, 1, 1]);
  assert.deepEqual(await model.score([loader]), { "task/data/test/accuracy": 0.4 });
});

test("parity 28: a shuffled loader is scored as an ordered one", async () => {
  const numbers = Array.from({ length: 100 }, (_, i) => i % 10);
  // Even numbers are voted 0 and odd ones 1; of each ten, the first five are 0.
  const votes = tensor(numbers.map((number) => (number % 2 === 0 ? [1, 0] : [0, 1])));
  const yDict = {
    task: tensor(
      numbers.map((number) => Number(number >= 5)),
      { dtype: "int64" },
    ),
  };
  const voted = new DictDataset({ name: "data", split: "test", xDict: { logits: votes }, yDict });
  const model = new MultitaskClassifier([fieldTask("task")], onCpu);
  for (const shuffle of [false, true]) {
    const loader = new DictDataLoader(voted, { batchSize: 2, shuffle });
    assert.deepEqual(await model.score([loader]), { "task/data/test/accuracy": 0.6 });
  }
});

test("parity 27: labels can be scored with another task's head, or dropped", async () => {
  const model = new MultitaskClassifier([fieldTask("task")], onCpu);
  const loader = new DictDataLoader(dataset({ task: gold, other: gold }));
  assert.deepEqual(Object.keys((await model.predict(loader)).golds), ["task"]);
  const remapped = await model.predict(loader, { remapLabels: { other: "task" } });
  assert.deepEqual(Object.keys(remapped.probs), ["task", "other"]);
  assert.deepEqual(Object.keys((await model.predict(loader, { remapLabels: { task: null } })).probs), []);
  await assert.rejects(model.predict(loader, { remapLabels: { other: "taks" } }), /Did you mean "task"/);
});

test("parity 28: scores are by label, dataset, split and metric, or rows of a table", async () => {
  const model = new MultitaskClassifier([fieldTask("task")], onCpu);
  const loader = new DictDataLoader(dataset({ task: gold, other: gold }), { batchSize: 2 });
  const key = "task/data/test/accuracy";
  assert.deepEqual(await model.score([loader]), { [key]: 2 / 3 });
  const row = { label: "task", dataset: "data", split: "test", metric: "accuracy", score: 2 / 3 };
  assert.deepEqual(await model.score([loader], { asTable: true }), [row]);
});

test("a dataset without labels is predicted for the tasks that are named", async () => {
  const model = new MultitaskClassifier([fieldTask("task")], onCpu);
  const { golds, probs } = await model.predict(new DictDataLoader(dataset({})), { taskNames: ["task"] });
  assert.deepEqual(golds, {});
  assert.deepEqual(probs.task?.shape, [4, 2]);
});

test("a regression task is scored by a metric of the user's", async () => {
  const scorer = new Scorer({
    customMetricFuncs: {
      mae: (golds, _preds, probs) =>
        Array.from(golds as ArrayLike<number>).reduce(
          (sum, value, i) =>
            sum + Math.abs(value - Number((probs as ArrayLike<ArrayLike<number>>)[i]?.[0])) / 4,
          0,
        ),
    },
  });
  const values = tensor([[1], [2], [3], [4]]);
  const data = new DictDataset({
    name: "d",
    split: "test",
    xDict: { logits: values },
    yDict: { task: tensor([1, 2, 3, 2]) },
  });
  const model = new MultitaskClassifier(
    [fieldTask("task", { scorer, outputFunc: (output) => output })],
    onCpu,
  );
  assert.deepEqual(await model.score([new DictDataLoader(data)]), { "task/d/test/mae": 0.5 });
});

test("evaluation leaves each module in the mode in which it found it", async () => {
  const model = twoTaskModel();
  model.train();
  const frozen = model.modulePool.get("first_head");
  frozen?.eval();
  await model.score([pointsLoader(["first", "second"])]);
  assert.equal(model.training, true);
  assert.equal(model.modulePool.get("trunk")?.training, true);
  assert.equal(frozen?.training, false);
});
