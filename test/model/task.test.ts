import assert from "node:assert/strict";
import { test } from "node:test";
import { Operation, Task } from "../../lib/model/index.ts";
import { nn, tensor } from "../../lib/torch/index.ts";
import { linearTask } from "./models.ts";

const operation = new Operation({ moduleName: "head", inputs: [["_input_", "data"]] });
const head = new nn.Linear(2, 2);

test("parity 4: a task defaults to cross-entropy, softmax over dimension 1 and the accuracy", () => {
  const task = new Task({ name: "task", modulePool: { head }, opSequence: [operation] });
  assert.deepEqual([...task.scorer.metrics.keys()], ["accuracy"]);
  assert.equal(task.lossFunc, nn.functional.crossEntropy);
  const probabilities = task
    .outputFunc(
      tensor([
        [0, 0],
        [0, 1],
      ]),
    )
    .tolist() as number[][];
  assert.deepEqual(probabilities[0], [0.5, 0.5]);
  assert.ok(Math.abs((probabilities[1]?.[1] ?? 0) - 1 / (1 + Math.exp(-1))) < 1e-7);
});

test("parity 5: a task prints its name", () => {
  assert.equal(
    String(new Task({ name: "task", modulePool: { head }, opSequence: [operation] })),
    "Task(name=task)",
  );
});

test("a task takes a ModuleDict as well as an object", () => {
  const task = new Task({ name: "task", modulePool: new nn.ModuleDict({ head }), opSequence: [operation] });
  assert.equal(task.modulePool.get("head"), head);
});

test("what is no module, no operation, or a name given twice is refused", () => {
  const options = { name: "task", modulePool: { head }, opSequence: [operation] };
  assert.throws(
    () => new Task({ ...options, modulePool: { head: 3 as never } }),
    /expected a Module for modulePool\["head"\]/,
  );
  assert.throws(() => new Task({ ...options, opSequence: [] }), /at least one Operation/);
  assert.throws(() => new Task({ ...options, opSequence: [{} as never] }), /expected Operations/);
  assert.throws(() => new Task({ ...options, opSequence: [operation, operation] }), /distinct names/);
  assert.throws(() => new Task({ ...options, scorer: {} as never }), /expected a Scorer/);
});

test("a loss may be a module, but none that learns", () => {
  const lossFunc = new nn.CrossEntropyLoss({ reduction: "sum" });
  const task = linearTask("task", { lossFunc });
  const logits = tensor([[1, 2]]);
  const label = tensor([1], { dtype: "int64" });
  assert.equal(task.lossModule, lossFunc);
  assert.equal(task.lossFunc(logits, label).item(), lossFunc.forward(logits, label).item());
  assert.throws(
    () => linearTask("task", { lossFunc: new nn.LinearCrossEntropyLoss(2, 2) }),
    /\[Task "task"\] expected a loss that learns nothing itself for lossFunc.*modulePool/,
  );
});

test("an option that there is not is refused with the nearest, and so is a name that no object can hold", () => {
  const make = (options: object) => () =>
    new Task({ name: "task", modulePool: { head }, opSequence: [operation], ...options });
  assert.throws(make({ lossFn: () => tensor(0) }), /\[Task "task"\].*got "lossFn"\. Did you mean "lossFunc"/);
  assert.throws(make({ name: "__proto__" }), /another name for name, got "__proto__"/);
  assert.throws(make({ name: "" }), /a name for name, got ""/);
});
