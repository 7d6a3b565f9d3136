import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamDataLoader } from "../../lib/data/index.ts";
import { MultitaskClassifier } from "../../lib/model/index.ts";
import { manualSeed, nn, type Tensor } from "../../lib/torch/index.ts";
import { linearTask, pointsLoader } from "./models.ts";

const noisy = () => new nn.Sequential(new nn.Linear(2, 4), new nn.BatchNorm1d(4), new nn.Dropout(0.5));
const data = (split: string, length: number) => pointsLoader(["task", "other"], { split, length });

/** A model over a trunk. It is in training mode, as `fit` leaves it. */
const modelOver = (trunk: nn.Module, name = "task") =>
  new MultitaskClassifier([linearTask(name, { trunk })], { device: "cpu" });

async function probs(model: MultitaskClassifier, loader: ReturnType<typeof data>, programs?: null) {
  const label = [...model.taskNames][0] as string;
  return ((await model.predict(loader, { programs })).probs[label] as Tensor).tolist();
}

for (const programs of [undefined, null]) {
  test(`predictions at once are those one after the other, with programs: ${programs}`, async () => {
    manualSeed(0);
    const trunk = noisy();
    const [model, other] = [modelOver(trunk), modelOver(trunk, "other")];
    const loaders = [data("test", 400), data("test", 40), data("valid", 200)] as const;
    const wanted: unknown[] = [];
    for (const each of [model, other])
      for (const loader of loaders) wanted.push(await probs(each, loader, programs));
    const statistics = trunk.stateDict()["1.running_mean"]?.tolist();
    const atOnce = [model, other].flatMap((each) => loaders.map((loader) => probs(each, loader, programs)));
    assert.deepEqual(await Promise.all(atOnce), wanted);
    assert.deepEqual(trunk.stateDict()["1.running_mean"]?.tolist(), statistics);
    assert.ok([...model.modules(), ...other.modules()].every((module) => module.training));
  });
}

test("predictions of a stream and of a dataset do not change each other's mode", async () => {
  manualSeed(0);
  const model = modelOver(noisy());
  const loader = data("test", 200);
  const stream = new StreamDataLoader({
    ...{ name: "stream", split: "test", batchSize: 4, length: 50, labelNames: ["task"] },
    async *source() {
      for await (const { xDict, yDict } of data("test", 200)) {
        for (let i = 0; i < 4; i++) {
          yield [{ data: xDict.data as Tensor }, { task: yDict.task as Tensor }].map((part) =>
            Object.fromEntries(
              Object.entries(part).map(([key, value]) => [key, value.select(0, i).clone().keep()]),
            ),
          ) as never;
        }
      }
    },
  });
  const wanted = await probs(model, loader);
  const [first, , last] = await Promise.all([
    model.predict(stream),
    model.predict(data("valid", 8)),
    probs(model, loader),
  ]);
  assert.deepEqual(last, wanted);
  assert.deepEqual(first.probs.task?.tolist(), wanted);
});

test("a module that its user has frozen stays so, also after predictions at once", async () => {
  const trunk = noisy();
  const model = modelOver(trunk);
  const norm = trunk.children()[1] as nn.Module;
  norm.eval();
  await Promise.all([model.score([data("test", 20)]), model.score([data("test", 200)])]);
  assert.equal(norm.training, false);
  assert.equal(trunk.training, true);
});

test("a prediction that fails leaves the others and the mode as they are", async () => {
  const model = modelOver(noisy());
  const wanted = await probs(model, data("test", 200));
  const failing = data("valid", 200);
  failing.dataset.xDict.data = failing.dataset.yDict.task as Tensor;
  const [good, bad] = await Promise.allSettled([probs(model, data("test", 200)), model.predict(failing)]);
  assert.equal(bad.status, "rejected");
  assert.deepEqual(good.status === "fulfilled" && good.value, wanted);
  assert.equal(model.training, true);
});
