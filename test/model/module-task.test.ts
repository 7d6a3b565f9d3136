import assert from "node:assert/strict";
import { test } from "node:test";
import { DictDataLoader, DictDataset } from "../../lib/data/index.ts";
import { MultitaskClassifier } from "../../lib/model/index.ts";
import { nn, randn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { linearTask } from "./models.ts";

const onCpu = { device: "cpu" } as const;

test("a module is a model of one task, which fits DictDataset.fromTensors", async () => {
  const X = randn([12, 2]);
  const loader = new DictDataLoader(DictDataset.fromTensors(X, X.select(1, 0).gt(0).to("int64"), "train"));
  const module = new nn.Sequential(new nn.Linear(2, 4), new nn.ReLU(), new nn.Linear(4, 2));
  const model = MultitaskClassifier.fromModule(module, onCpu);
  await new Trainer({ progressBar: false }).fit(model, [loader]);
  assert.deepEqual(Object.keys(await model.score([loader])), ["task/SnorkelDataset/train/accuracy"]);
  const { probs } = await model.predict(loader);
  assert.ok(probs.task?.allclose(nn.functional.softmax(module.forward(X) as Tensor, { dim: 1 })));
});

test("in a state dict the module's weights are under module_pool.net", () => {
  const model = MultitaskClassifier.fromModule(new nn.Linear(2, 2), onCpu);
  assert.deepEqual(Object.keys(model.stateDict()), ["module_pool.net.weight", "module_pool.net.bias"]);
});

test("the task, the fields and the model take names, the task all its options", () => {
  class Sum extends nn.Module {
    override forward(a: Tensor, b: Tensor): Tensor {
      return a.add(b);
    }
  }
  const options = { name: "mine", taskName: "sum", inputDataKey: ["a", "b"], kind: "regression" } as const;
  const model = MultitaskClassifier.fromModule(new Sum(), { ...onCpu, ...options });
  assert.equal(String(model), "MultitaskClassifier(name=mine)");
  assert.deepEqual([...model.taskNames], ["sum"]);
  assert.equal(model.task("sum").kind, "regression");
  const { net } = model.forward({ a: tensor([[1]]), b: tensor([[2]]) }, ["sum"]);
  assert.deepEqual((net as Tensor).tolist(), [[3]]);
});

test("classes and rows of the task may have weights", () => {
  const options = { ...onCpu, classWeights: [1, 3], sampleWeights: "trust" };
  const task = MultitaskClassifier.fromModule(new nn.Linear(2, 2), options).task("task");
  assert.deepEqual(task.classWeights?.tolist(), [1, 3]);
  assert.equal(task.sampleWeights, "trust");
});

test("more tasks may join, on the same module or on others", () => {
  const model = MultitaskClassifier.fromModule(new nn.Linear(2, 2), onCpu);
  model.addTask(linearTask("other"));
  assert.deepEqual([...model.taskNames], ["task", "other"]);
});

test("what is no module, and unknown options, are refused", () => {
  const module = new nn.Linear(2, 2);
  const where = "MultitaskClassifier.fromModule";
  assert.throws(
    () => MultitaskClassifier.fromModule({} as never),
    new RegExp(`${where}\\] expected a module`),
  );
  const options = { inputDataKeys: "x" } as object;
  assert.throws(() => MultitaskClassifier.fromModule(module, options), /Did you mean "inputDataKey"/);
  assert.throws(() => MultitaskClassifier.fromModule(module, { inputDataKey: [] }), /the name of a field/);
  assert.throws(() => MultitaskClassifier.fromModule(module, { device: "cuda:99" }), /a device that is here/);
});
