import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { crossEntropyWithProbs, MultitaskClassifier, Operation, Task } from "../../lib/model/index.ts";
import { nn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { fieldTask, Identity, linearTask, twoTaskModel } from "./models.ts";

const onCpu = { device: "cpu" } as const;
const logits = tensor([
  [2, -1],
  [0.5, 0.25],
  [-3, 1],
  [0, 0],
]);

describe("building a model", () => {
  test("parity 18: the device 'auto' falls back to the CPU, a named one does not", () => {
    assert.match(new MultitaskClassifier([]).device, /^(cpu|cuda:0)$/);
    assert.throws(() => new MultitaskClassifier([], { device: "cuda:99" }), /expected a device that is here/);
  });

  test("parity 19: the name is the class's by default; no task at all is allowed", () => {
    assert.equal(String(new MultitaskClassifier([], onCpu)), "MultitaskClassifier(name=MultitaskClassifier)");
    assert.equal(new MultitaskClassifier([], { name: "mine", ...onCpu }).name, "mine");
  });

  test("parity 20: something that is no task, or two tasks of one name, are refused", () => {
    assert.throws(() => new MultitaskClassifier([{} as never], onCpu), /Unrecognized task type/);
    const tasks = [linearTask("same"), linearTask("same")];
    assert.throws(() => new MultitaskClassifier(tasks, onCpu), /Found duplicate task same/);
  });

  test("parity 21: modules that two tasks hold are one, and appear once in the state", () => {
    const model = twoTaskModel();
    assert.deepEqual(Object.keys(model.stateDict()), [
      "module_pool.trunk.weight",
      "module_pool.trunk.bias",
      "module_pool.first_head.weight",
      "module_pool.first_head.bias",
      "module_pool.second_head.weight",
      "module_pool.second_head.bias",
    ]);
    assert.equal([...model.parameters()].length, 6);
  });

  test("parity 22: a model lists its tasks, operations, losses, outputs and scorers", () => {
    const model = twoTaskModel();
    assert.deepEqual([...model.taskNames], ["first", "second"]);
    for (const table of [model.opSequences, model.lossFuncs, model.outputFuncs, model.scorers]) {
      assert.deepEqual(Object.keys(table), ["first", "second"]);
    }
    assert.deepEqual([...model.modulePool.keys()], ["trunk", "first_head", "second_head"]);
  });

  test("parity 21: two tasks may share none, some or all of their modules", () => {
    const [trunk, head] = [new nn.Linear(2, 4), new nn.Linear(4, 2)];
    const task = (name: string, shared: Record<string, nn.Module>) => {
      const own = { [`${name}_trunk`]: new nn.Linear(2, 4), [`${name}_head`]: new nn.Linear(4, 2) };
      const first = shared.trunk ? "trunk" : `${name}_trunk`;
      const second = shared.head ? "head" : `${name}_head`;
      const modulePool = Object.fromEntries(
        [first, second].map((key) => [key, shared[key] ?? (own[key] as nn.Module)]),
      );
      const opSequence = [
        new Operation({ moduleName: first, inputs: [["_input_", "data"]] }),
        new Operation({ moduleName: second, inputs: [first] }),
      ];
      return new Task({ name, modulePool, opSequence });
    };
    for (const [shared, count] of [
      [{}, 4],
      [{ trunk }, 3],
      [{ trunk, head }, 2],
    ] as const) {
      const model = new MultitaskClassifier([task("first", shared), task("second", shared)], onCpu);
      assert.equal(model.taskNames.size, 2);
      assert.equal(Object.keys(model.opSequences).length, 2);
      assert.equal([...model.modulePool.keys()].length, count);
    }
  });

  test("two modules under one name are an error that names both tasks", () => {
    const tasks = ["first", "second"].map(
      (name) =>
        new Task({
          name,
          modulePool: { trunk: new nn.Linear(2, 2) },
          opSequence: [
            new Operation({ name: `${name}_op`, moduleName: "trunk", inputs: [["_input_", "data"]] }),
          ],
        }),
    );
    assert.throws(
      () => new MultitaskClassifier(tasks, onCpu),
      /one of task "first", another of task "second"/,
    );
  });

  test("two operations under one name are an error that names both tasks", () => {
    const tasks = ["first", "second"].map(
      (name) =>
        new Task({
          name,
          modulePool: { [`${name}_module`]: new nn.Linear(2, 2) },
          opSequence: [
            new Operation({ name: "op", moduleName: `${name}_module`, inputs: [["_input_", "data"]] }),
          ],
        }),
    );
    assert.throws(
      () => new MultitaskClassifier(tasks, onCpu),
      /one operation under the name "op".*"first".*"second"/,
    );
  });

  test("an operation that names no module, or no earlier operation, is refused with the nearest name", () => {
    const build = (moduleName: string, input: string) =>
      new MultitaskClassifier(
        [
          new Task({
            name: "task",
            modulePool: { encoder: new nn.Linear(2, 2) },
            opSequence: [new Operation({ moduleName, inputs: [[input, "data"]] })],
          }),
        ],
        onCpu,
      );
    assert.throws(() => build("encodr", "_input_"), /Did you mean "encoder"/);
    assert.throws(() => build("encoder", "_inptu_"), /Did you mean "_input_"/);
  });

  test("an unknown option is refused with the nearest name", () => {
    assert.throws(() => new MultitaskClassifier([], { devise: "cpu" } as never), /Did you mean "device"/);
  });
});

describe("forward", () => {
  test("parity 23: every operation's output is there, and a shared one runs once", () => {
    let runs = 0;
    class Counting extends nn.Module {
      linear = new nn.Linear(2, 4);
      override forward(input: Tensor): Tensor {
        runs++;
        return this.linear.forward(input);
      }
    }
    const trunk = new Counting();
    const model = new MultitaskClassifier(
      [linearTask("first", { trunk }), linearTask("second", { trunk })],
      onCpu,
    );
    const outputs = model.forward({ data: tensor([[1, 2]]) }, ["first", "second"]);
    assert.deepEqual(Object.keys(outputs), ["_input_", "trunk", "first_head", "second_head"]);
    assert.equal(runs, 1);
  });

  test("parity 3: an operation without inputs receives all outputs so far", () => {
    class Sum extends nn.Module {
      override forward(outputs: Record<string, unknown>): string[] {
        return Object.keys(outputs);
      }
    }
    const task = new Task({
      name: "task",
      modulePool: { identity: new Identity(), sum: new Sum() },
      opSequence: [
        new Operation({ moduleName: "identity", inputs: [["_input_", "data"]] }),
        new Operation({ moduleName: "sum" }),
      ],
    });
    const outputs = new MultitaskClassifier([task], onCpu).forward({ data: tensor([1]) }, ["task"]);
    assert.deepEqual(outputs.sum, ["_input_", "identity"]);
  });

  test("parity 24: a failing operation is named, and its own error is the cause", () => {
    const model = twoTaskModel();
    assert.throws(
      () => model.forward({ data: tensor([[1, 2, 3]]) }, ["first"]),
      (error: Error) =>
        /Unsuccessful operation Operation\(name=trunk/.test(error.message) && error.cause instanceof Error,
    );
    assert.throws(() => model.forward({ date: tensor([[1, 2]]) }, ["first"]), /it has date.*Add the field/s);
  });
});

describe("calculateLoss", () => {
  test("parity 25: losses and counts are by label; labels without a task are ignored", () => {
    const model = new MultitaskClassifier([fieldTask("task")], onCpu);
    const labels = tensor([0, 1, 1, 0], { dtype: "int64" });
    const { lossDict, countDict } = model.calculateLoss({ logits }, { task: labels, other: labels });
    assert.deepEqual(countDict, { task: 4 });
    assert.equal(lossDict.task?.item(), nn.functional.crossEntropy(logits, labels).item());
  });

  test("parity 25: a task without a labelled row is in neither", () => {
    const model = new MultitaskClassifier([fieldTask("task")], onCpu);
    const labels = tensor([-1, -1, -1, -1], { dtype: "int64" });
    assert.deepEqual(model.calculateLoss({ logits }, { task: labels }), { lossDict: {}, countDict: {} });
  });

  const partial = tensor([0, -1, 1, -1], { dtype: "int64" });
  const rows = tensor([0, 2], { dtype: "int64" });

  test("parity 25: rows labelled -1 do not count, for the built-in loss", () => {
    const model = new MultitaskClassifier([fieldTask("task")], onCpu);
    const { lossDict, countDict } = model.calculateLoss({ logits }, { task: partial });
    const wanted = nn.functional.crossEntropy(
      logits.indexSelect(0, rows),
      tensor([0, 1], { dtype: "int64" }),
    );
    assert.deepEqual(countDict, { task: 2 });
    assert.ok(lossDict.task?.allclose(wanted));
  });

  test("parity 25: rows labelled -1 do not reach a loss of the user's", () => {
    const seen: number[][] = [];
    const lossFunc = (output: Tensor, labels: Tensor) => {
      seen.push(output.shape, labels.tolist() as number[]);
      return nn.functional.crossEntropy(output, labels);
    };
    const model = new MultitaskClassifier([fieldTask("task", { lossFunc })], onCpu);
    model.calculateLoss({ logits }, { task: partial });
    assert.deepEqual(seen, [
      [2, 2],
      [0, 1],
    ]);
  });

  test("parity 25: a row of soft labels is active if any of them is not -1", () => {
    const soft = tensor([
      [0.25, 0.75],
      [-1, -1],
      [1, 0],
      [-1, -1],
    ]);
    const model = new MultitaskClassifier([fieldTask("task", { lossFunc: crossEntropyWithProbs })], onCpu);
    const { lossDict, countDict } = model.calculateLoss({ logits }, { task: soft });
    const wanted = crossEntropyWithProbs(logits.indexSelect(0, rows), soft.indexSelect(0, rows));
    assert.deepEqual(countDict, { task: 2 });
    assert.ok(lossDict.task?.allclose(wanted));
  });

  test("the gradients of unlabelled rows are zero", () => {
    const inputs = logits.clone().requiresGrad_();
    const model = new MultitaskClassifier([fieldTask("task")], onCpu);
    model.calculateLoss({ logits: inputs }, { task: partial }).lossDict.task?.backward();
    const gradient = inputs.grad?.tolist() as number[][];
    assert.deepEqual(
      [gradient[1], gradient[3]],
      [
        [0, 0],
        [0, 0],
      ],
    );
    assert.notEqual(gradient[0]?.[0], 0);
  });

  test("a label out of range is an error that names the task and the label", () => {
    const model = new MultitaskClassifier([fieldTask("task")], onCpu);
    const labels = tensor([0, 1, 5, 0], { dtype: "int64" });
    assert.throws(
      () => model.calculateLoss({ logits }, { task: labels }),
      /task "task".*Target 5 is out of bounds/s,
    );
  });
});

describe("save and load", () => {
  const folder = mkdtempSync(join(tmpdir(), "model-"));

  test("parity 29: a saved model loads into another, folders are made, names must fit", async () => {
    const path = join(folder, "deep", "model.safetensors");
    const saved = twoTaskModel();
    const loaded = twoTaskModel();
    await saved.save(path);
    await loaded.load(path);
    for (const [name, value] of Object.entries(saved.stateDict())) {
      assert.ok(value.equal(loaded.stateDict()[name] as Tensor), name);
    }
    const other = new MultitaskClassifier([linearTask("other")], onCpu);
    await assert.rejects(other.load(path), /module_pool.other_trunk.weight.*module_pool.trunk.weight/s);
  });

  test("a format that is not there, and a file that is not there, are clear errors", async () => {
    await assert.rejects(twoTaskModel().save(join(folder, "model.bin")), /ends in .safetensors, .pt or .pth/);
    await assert.rejects(twoTaskModel().load(join(folder, "none.safetensors")), /none.safetensors/);
  });
});
