import assert from "node:assert/strict";
import { test } from "node:test";
import { MultitaskClassifier } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import { memory, tensor } from "../../lib/torch/index.ts";
import { linearTask, pointsLoader, twoTaskModel } from "./models.ts";

test("what is no name of a task, no tensor or no loader is refused by name", async () => {
  const model = twoTaskModel();
  const batch = { data: tensor([[1, 2]]) };
  assert.throws(
    () => model.task("frist"),
    /\[MultitaskClassifier\.task\].*got "frist"\. Did you mean "first"/,
  );
  assert.throws(() => model.forward(batch, ["frist"]), /the name of a task.*Did you mean "first"/);
  assert.throws(
    () => model.forward(batch, undefined as never),
    /an array of tasks' names for taskNames, got undefined/,
  );
  assert.throws(() => model.forward(batch, "first" as never), /an array of tasks' names/);
  assert.throws(
    () => model.calculateLoss(batch, { first: [0] as never }),
    /a Tensor for yDict\["first"\], got an array of 1/,
  );
  const loader = pointsLoader(["first"]);
  await assert.rejects(
    model.predict(loader.dataset as never),
    /a loader for loader, got a DictDataset.*new DictDataLoader/,
  );
  await assert.rejects(model.predict([loader] as never), /a loader for loader, got an array of 1/);
  await assert.rejects(
    model.score([loader.dataset] as never),
    /a loader for loaders\[0\], got a DictDataset/,
  );
  await assert.rejects(model.score(loader as never), /an array of loaders for loaders/);
});

test("a model is not copied, since tasks hold more than modules: the error says what to do instead", () => {
  assert.throws(
    () => twoTaskModel().deepCopy(),
    /\[MultitaskClassifier\.deepCopy\].*Make another model of the same tasks/,
  );
});

test("classes that are no int64 are refused with what makes them such", () => {
  const model = twoTaskModel();
  const batch = { data: tensor([[1, 2]]) };
  for (const dtype of ["float32", "int32"] as const) {
    assert.throws(
      () => model.calculateLoss(batch, { first: tensor([0], { dtype }) }),
      new RegExp(
        `expected classes in int64 for label "first", got "${dtype}" \\(string\\)\\. Give labels\\.long\\(\\)`,
      ),
    );
  }
  assert.equal(model.calculateLoss(batch, { first: tensor([0], { dtype: "uint8" }) }).countDict.first, 1);
});

test("a metric that fails is an error that names the task and the label", async () => {
  const customMetricFuncs = {
    odd: () => {
      throw new Error("no such luck");
    },
  };
  const task = linearTask("first", { scorer: new Scorer({ customMetricFuncs }) });
  const model = new MultitaskClassifier([task], { device: "cpu" });
  const before = memory().tensors;
  await assert.rejects(
    model.score([pointsLoader(["first"])]),
    /\[MultitaskClassifier\.score\] the scores of task "first" on label "first" failed: no such luck/,
  );
  assert.equal(memory().tensors, before + 2); // the loader's own
  const odd = Object.fromEntries([["__proto__", () => 1]]);
  assert.throws(() => new Scorer({ customMetricFuncs: odd }), /another name for a name in customMetricFuncs/);
});
