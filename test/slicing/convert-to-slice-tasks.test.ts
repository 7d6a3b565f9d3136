import "../torch/plain-kernels.ts";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crossEntropyWithProbs, MultitaskClassifier, Operation, Task } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import { convertToSliceTasks, SliceCombinerModule } from "../../lib/slicing/index.ts";
import { manualSeed, nn, rand, type Tensor } from "../../lib/torch/index.ts";
import golden from "../goldens/slicing.json" with { type: "json" };
import { pointsTask } from "./models.ts";

const onCpu = { device: "cpu" } as const;
const { seed, converted } = golden;

/** The task of scripts/goldens/slicing.py. */
function spamTask(): Task {
  return new Task({
    name: "spam",
    modulePool: { trunk: new nn.Linear(3, 4), head: new nn.Linear(4, 2) },
    opSequence: [
      new Operation({ moduleName: "trunk", inputs: [["_input_", "text"]] }),
      new Operation({ moduleName: "head", inputs: ["trunk"] }),
    ],
  });
}

describe("convertToSliceTasks", () => {
  test("parity 68: Python's tasks, operations, modules, and weights from the same seed", () => {
    manualSeed(seed);
    const tasks = convertToSliceTasks(spamTask(), ["short", "long"]);
    const described = tasks.map(({ name, opSequence }) => ({
      name,
      operations: opSequence.map(({ name, moduleName, inputs }) => ({ name, moduleName, inputs })),
    }));
    assert.deepEqual(described, converted.tasks);
    const model = new MultitaskClassifier(tasks, onCpu);
    assert.deepEqual([...model.modulePool.keys()], converted.modules);
    assert.deepEqual(
      model.namedParameters().map(([name]) => name),
      converted.parameters,
    );
    const state = Object.entries(model.stateDict()).map(([name, tensor]) => [
      name,
      tensor.flatten().tolist(),
    ]);
    assert.deepEqual(state, Object.entries(converted.state));
  });

  test("parity 68: two tasks a slice, those of the base slice, and one of the base task's name", () => {
    const slices = ["a", "b", "c"];
    const tasks = convertToSliceTasks(pointsTask("task"), slices);
    assert.equal(tasks.length, 2 * (slices.length + 1) + 1);
    const withBase = [...slices, "base"];
    assert.deepEqual(
      tasks.map(({ name }) => name),
      [...withBase.map((s) => `task_slice:${s}_ind`), ...withBase.map((s) => `task_slice:${s}_pred`), "task"],
    );
    const given = convertToSliceTasks(pointsTask("task"), ["base", "a"]);
    assert.equal(given.length, 2 * 2 + 1);
    assert.equal(given[0]?.name, "task_slice:base_ind");
  });

  test("parity 68: all share the trunk; the predictors share a head, and have a transform each", () => {
    const base = pointsTask("task");
    const tasks = convertToSliceTasks(base, ["a", "b"]);
    for (const task of tasks)
      assert.equal(task.modulePool.get("task_trunk"), base.modulePool.get("task_trunk"));
    const predictors = tasks.slice(3, 6);
    const heads = predictors.map((task) => task.modulePool.get(task.head.moduleName));
    assert.equal(new Set(heads).size, 1);
    const transforms = predictors.map(({ name, modulePool }) => modulePool.get(`${name}_transform`));
    assert.equal(new Set(transforms).size, 3);
    for (const transform of transforms)
      assert.ok(transform instanceof nn.Linear && transform.outFeatures === 6);
    const master = tasks.at(-1) as Task;
    assert.equal(master.modulePool.get("task_master_head"), base.modulePool.get("task_head"));
    assert.ok(master.modulePool.get("task_master_combiner") instanceof SliceCombinerModule);
  });

  test("parity 68: indicators are scored by F1, the others by the base task's scorer", () => {
    const scorer = new Scorer({ metrics: ["matthews_corrcoef"] });
    const tasks = convertToSliceTasks(pointsTask("task", { scorer }), ["a"]);
    assert.deepEqual(
      tasks.slice(0, 2).map((task) => [...task.scorer.metrics.keys()]),
      [["f1"], ["f1"]],
    );
    for (const task of tasks.slice(2)) assert.equal(task.scorer, scorer);
  });

  test("the base task's loss and output function are those of the predictors and of the last task", () => {
    const outputFunc = (output: Tensor) => output.sigmoid();
    const base = pointsTask("task", { lossFunc: crossEntropyWithProbs, outputFunc });
    const tasks = convertToSliceTasks(base, ["a"]);
    for (const task of tasks.slice(2)) {
      assert.equal(task.lossFunc, crossEntropyWithProbs);
      assert.equal(task.outputFunc, outputFunc);
    }
    for (const task of tasks.slice(0, 2)) {
      assert.equal(task.lossFunc, pointsTask("any").lossFunc);
      assert.notEqual(task.outputFunc, outputFunc);
    }
    const lossFunc = new nn.CrossEntropyLoss();
    for (const task of convertToSliceTasks(pointsTask("task", { lossFunc }), ["a"]).slice(2))
      assert.equal(task.lossModule, lossFunc);
  });

  test("the base task stays as it is, and can be converted again", () => {
    const base = pointsTask("task");
    const before = [...base.modulePool];
    const operations = [...base.opSequence];
    const counts = [["a"], ["b", "c"]].map((slices) => convertToSliceTasks(base, slices).length);
    assert.deepEqual(counts, [5, 7]);
    assert.deepEqual([...base.modulePool], before);
    assert.deepEqual(base.opSequence, operations);
    const outputs = new MultitaskClassifier([base], onCpu).forward({ points: rand([3, 2]) }, ["task"]);
    assert.deepEqual((outputs.task_head as Tensor).shape, [3, 2]);
  });

  test("two sliced tasks in one model take the slices of each alone", () => {
    const trunk = new nn.Linear(2, 6);
    const [first, second] = ["first", "second"].map((name) =>
      convertToSliceTasks(pointsTask(name, { trunk }), ["a"]),
    ) as [Task[], Task[]];
    const alone = new MultitaskClassifier(second, onCpu);
    const both = new MultitaskClassifier([...first, ...second], onCpu);
    const points = rand([5, 2]);
    const logits = (model: MultitaskClassifier, names: string[]) =>
      (model.forward({ points }, names).second_master_head as Tensor).tolist();
    assert.deepEqual(logits(both, ["first", "second"]), logits(alone, ["second"]));
  });

  test("a task whose name begins like the slices of another takes its own", () => {
    const names = ["t", "t_slice:a"];
    const tasks = names.map((name) => convertToSliceTasks(pointsTask(name), ["a"]));
    const points = rand([5, 2]);
    const logits = (model: MultitaskClassifier) =>
      (
        model.forward(
          { points },
          names
            .slice()
            .reverse()
            .filter((name) => model.tasks.has(name)),
        ).t_master_head as Tensor
      ).tolist();
    const both = new MultitaskClassifier(tasks.flat(), onCpu);
    assert.deepEqual(logits(both), logits(new MultitaskClassifier(tasks[0] as Task[], onCpu)));
  });

  test("a head right behind the fields, and one of three classes", () => {
    const task = new Task({
      name: "linear",
      modulePool: { head: new nn.Linear(2, 3) },
      opSequence: [new Operation({ moduleName: "head", inputs: [["_input_", "points"]] })],
    });
    const model = new MultitaskClassifier(convertToSliceTasks(task, ["a"]), onCpu);
    const outputs = model.forward({ points: rand([4, 2]) }, model.taskNames);
    assert.deepEqual((outputs.linear_master_head as Tensor).shape, [4, 3]);
    assert.deepEqual((outputs["linear_slice:a_pred_head"] as Tensor).shape, [4, 3]);
    assert.deepEqual((outputs["linear_slice:a_ind_head"] as Tensor).shape, [4, 2]);
  });

  test("the temperature and the confidence reach the combiner", () => {
    const tasks = convertToSliceTasks(pointsTask("task"), ["a"], { temperature: 0.5, confidence: "highest" });
    const combiner = tasks.at(-1)?.modulePool.get("task_master_combiner") as SliceCombinerModule;
    assert.equal(combiner.temperature, 0.5);
    assert.equal(combiner.confidence, "highest");
  });

  test("what cannot be sliced is refused", () => {
    const convert = (head: nn.Module, inputs: Operation["inputs"] = [["_input_", "x"]], name = "task") => {
      const opSequence = [new Operation({ moduleName: "head", inputs })];
      return () => convertToSliceTasks(new Task({ name, modulePool: { head }, opSequence }), ["a"]);
    };
    assert.throws(
      convert(new nn.Sequential(new nn.Linear(2, 2))),
      /expected an nn.Linear for the module of the last operation, "head", got a Sequential. Let the last/,
    );
    assert.throws(convert(new nn.Linear(2, 1)), /expected at least two outputs .*, got 1/);
    assert.throws(convert(new nn.Linear(2, 2), []), /expected one input for the last operation, "head"/);
    const two = [
      ["_input_", "x"],
      ["_input_", "y"],
    ] as const;
    assert.throws(convert(new nn.Linear(2, 2), two), /expected one input/);
    assert.throws(convert(new nn.Linear(2, 2), undefined, "a.b"), /expected a name without "." for the task/);
    const task = pointsTask("task");
    for (const names of [["a.b"], ["a/b"], [""], [5], "a"])
      assert.throws(() => convertToSliceTasks(task, names as never), /for sliceNames, got/);
    assert.throws(() => convertToSliceTasks(task, ["a", "b", "a"]), /slices of distinct names .*"a"/);
    assert.throws(() => convertToSliceTasks({} as never, ["a"]), /expected a Task for baseTask/);
    assert.throws(() => convertToSliceTasks(task, ["a"], { temperature: 0 }), /temperature/);
  });
});
