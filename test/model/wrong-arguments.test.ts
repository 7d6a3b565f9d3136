import assert from "node:assert/strict";
import { test } from "node:test";
import { tensor } from "../../lib/torch/index.ts";
import { pointsLoader, twoTaskModel } from "./models.ts";

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
