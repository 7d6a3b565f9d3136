import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DictDataLoader, DictDataset, seedEverything } from "../../lib/data/index.ts";
import { MultitaskClassifier } from "../../lib/model/index.ts";
import { nn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { optimizerNames } from "../../lib/training/trainer-config.ts";
import { fieldTask, linearTask, pointsLoader, twoTaskModel } from "../model/models.ts";

const quiet = { progressBar: false, lr: 0.05 } as const;
const tasks = ["first", "second"];

function weights(model: MultitaskClassifier): number[][] {
  return Object.values(model.stateDict()).map((value) => Array.from(value.toTypedArray() as Float32Array));
}

/** A model of one task whose weights a test can watch. */
function oneTaskModel(lossFunc?: (output: Tensor, labels: Tensor) => Tensor): MultitaskClassifier {
  return new MultitaskClassifier([linearTask("first", lossFunc ? { lossFunc } : {})], { device: "cpu" });
}

describe("fit", () => {
  test("trains: the loss falls and the scores rise", async () => {
    seedEverything(1);
    const model = twoTaskModel();
    const loaders = [
      pointsLoader(tasks, { length: 200 }),
      pointsLoader(tasks, { length: 60, split: "valid" }),
    ];
    const history = await new Trainer({ ...quiet, nEpochs: 15 }).fit(model, loaders);
    const lossOf = (i: number) => history.evaluations.at(i)?.losses["model/all/train/loss"] ?? Number.NaN;
    assert.equal(history.evaluations.length, 15);
    assert.equal(history.batches, 15 * 50);
    assert.ok(lossOf(-1) < lossOf(0) / 2, `${lossOf(0)} -> ${lossOf(-1)}`);
    assert.ok((history.evaluations.at(-1)?.scores["first/points/valid/accuracy"] ?? 0) > 0.95);
  });

  test("parity 32: a split that is none of the three, or no loader to train on, is refused", async () => {
    const fit = (split: string) => new Trainer(quiet).fit(twoTaskModel(), [pointsLoader(tasks, { split })]);
    await assert.rejects(
      fit("trian"),
      /split of dataset "points" to be one of \["train", "valid", "test"\].*"train"/,
    );
    await assert.rejects(fit("valid"), /Cannot find any dataloaders with split matching train split: train/);
  });

  test("ignoreLabels keeps a label from training and validating a task of its name", async () => {
    const model = twoTaskModel();
    const before = model.modulePool.get("second_head")?.parameters()[0]?.tolist();
    const loaders = [pointsLoader(tasks), pointsLoader(tasks, { split: "valid" })];
    const { evaluations } = await new Trainer(quiet).fit(model, loaders, { ignoreLabels: ["second"] });
    assert.deepEqual(model.modulePool.get("second_head")?.parameters()[0]?.tolist(), before);
    assert.deepEqual(Object.keys(evaluations[0]?.losses ?? {}), [
      "first/points/train/loss",
      "model/all/train/loss",
    ]);
    assert.deepEqual(Object.keys(evaluations[0]?.scores ?? {}), ["first/points/valid/accuracy"]);
  });

  test("what is no loader, and an option that there is not, is refused by name", async () => {
    const loader = pointsLoader(tasks);
    const fit = (loaders: unknown, options?: unknown) =>
      new Trainer(quiet).fit(twoTaskModel(), loaders as never, options as never);
    await assert.rejects(
      fit(loader),
      /\[Trainer\.fit\] expected an array of loaders for loaders, got a DictDataLoader/,
    );
    await assert.rejects(
      fit([loader.dataset]),
      /a loader for loaders\[0\], got a DictDataset.*new DictDataLoader\(dataset\)/,
    );
    await assert.rejects(fit([null]), /a loader for loaders\[0\], got null/);
    await assert.rejects(fit([loader], null), /a plain object for options, got null/);
    await assert.rejects(fit([loader], { callback: {} }), /got "callback"\. Did you mean "callbacks"/);
    await assert.rejects(fit([loader], { signal: "x" }), /an AbortSignal for signal, got "x"/);
    await assert.rejects(
      fit([loader], { ignoreLabels: "first" }),
      /an array of labels' names for ignoreLabels/,
    );
    await assert.rejects(fit([loader], { remapLabels: [] }), /for remapLabels, got an array/);
    assert.throws(
      () => new Trainer(null as never),
      /\[Trainer\] expected a plain object for options, got null/,
    );
  });

  test("settings that were changed are checked again, and a trainer's own are no other's", async () => {
    const trainer = new Trainer(quiet);
    (trainer.config as { optimizer: string }).optimizer = "adm";
    await assert.rejects(
      trainer.fit(twoTaskModel(), [pointsLoader(tasks)]),
      /got "adm"\. Did you mean "adam"/,
    );
    const [one, other] = [new Trainer(quiet), new Trainer(quiet)];
    (one.config.paramGroups as unknown[]).push({ modules: ["trunk"], frozen: true });
    assert.deepEqual(other.config.paramGroups, []);
    assert.deepEqual(new Trainer(quiet).config.paramGroups, []);
  });

  for (const length of [8, 40]) {
    test(`a dataset that has ${length} rows instead of 24 from the second epoch on is refused`, async () => {
      const loader = pointsLoader(tasks, { length: 24 });
      const { dataset } = pointsLoader(tasks, { length });
      const onEpochEnd = () => {
        Object.assign(loader.dataset.xDict, dataset.xDict);
        Object.assign(loader.dataset.yDict, dataset.yDict);
      };
      const fit = new Trainer({ ...quiet, nEpochs: 3 }).fit(twoTaskModel(), [loader], {
        callbacks: { onEpochEnd },
      });
      await assert.rejects(
        fit,
        new RegExp(`expected 6 batches in each epoch, as in the first one, got ${length / 4}`),
      );
    });
  }

  test("a label that matches no task is refused with the nearest, unless it is ignored or remapped", async () => {
    const loader = pointsLoader(["first", "secnd"]);
    await assert.rejects(
      new Trainer(quiet).fit(twoTaskModel(), [loader]),
      /label "secnd".*Did you mean "second"/s,
    );
    const ignoring = await new Trainer(quiet).fit(twoTaskModel(), [loader], { ignoreLabels: ["secnd"] });
    assert.deepEqual(Object.keys(ignoring.evaluations[0]?.losses ?? {}), [
      "first/points/train/loss",
      "model/all/train/loss",
    ]);
    const remapped = await new Trainer(quiet).fit(twoTaskModel(), [loader], {
      remapLabels: { secnd: "second" },
    });
    assert.ok("secnd/points/train/loss" in (remapped.evaluations[0]?.losses ?? {}));
  });

  test("parity 34: the loss that is followed is the sum over tasks, and a task without labels stays as it was", async () => {
    const model = twoTaskModel();
    const before = weights(model);
    await new Trainer(quiet).fit(model, [pointsLoader(["first"])]);
    const after = weights(model);
    assert.notDeepEqual(after[2], before[2]);
    assert.deepEqual(after[4], before[4]);
  });

  test("a batch without a labelled row changes nothing, and counts", async () => {
    const model = oneTaskModel();
    const before = weights(model);
    const yDict = { first: tensor(new Array(8).fill(-1), { dtype: "int64" }) };
    const dataset = new DictDataset({
      name: "d",
      split: "train",
      xDict: { data: tensor([...new Array(8)].map(() => [1, 2])) },
      yDict,
    });
    const history = await new Trainer(quiet).fit(model, [new DictDataLoader(dataset, { batchSize: 4 })]);
    assert.deepEqual(weights(model), before);
    assert.equal(history.batches, 2);
    assert.equal(history.evaluations.length, 1);
  });

  test("parity 35: parameters that require no gradient stay as they are", async () => {
    const model = twoTaskModel();
    model.modulePool.get("trunk")?.requiresGrad_(false);
    const before = weights(model);
    await new Trainer(quiet).fit(model, [pointsLoader(tasks)]);
    assert.deepEqual(weights(model).slice(0, 2), before.slice(0, 2));
    assert.notDeepEqual(weights(model).slice(2), before.slice(2));
  });

  test("every optimizer, fused and foreach, lowers the loss", async () => {
    for (const optimizer of optimizerNames) {
      for (const implementation of ["fused", "foreach"] as const) {
        seedEverything(3);
        const model = twoTaskModel();
        const trainer = new Trainer({ ...quiet, nEpochs: 5, optimizer, optimizerConfig: { implementation } });
        const { evaluations } = await trainer.fit(model, [pointsLoader(tasks, { length: 100 })]);
        const [first, last] = [evaluations.at(0), evaluations.at(-1)].map(
          (e) => e?.losses["model/all/train/loss"] ?? 0,
        );
        assert.ok((last ?? 0) < (first ?? 0), `${optimizer} ${implementation}: ${first} -> ${last}`);
      }
    }
  });

  test("the seed of the trainer fixes everything that fit draws", async () => {
    const run = async (seed: number) => {
      seedEverything(0);
      const model = twoTaskModel();
      const loaders = [
        pointsLoader(tasks, { length: 40, shuffle: true }),
        pointsLoader(tasks, { length: 30, shuffle: true }),
      ];
      seedEverything(Math.floor(Math.random() * 1e6));
      await new Trainer({ ...quiet, seed }).fit(model, loaders);
      return weights(model);
    };
    assert.deepEqual(await run(5), await run(5));
    assert.notDeepEqual(await run(5), await run(6));
  });

  test("the order of the batches is the scheduler's", async () => {
    const order = async (batchScheduler: "shuffled" | "sequential") => {
      const seen: number[] = [];
      const lossFunc = (output: Tensor, labels: Tensor) => {
        seen.push(labels.size(0));
        return nn.functional.crossEntropy(output, labels);
      };
      const loaders = [pointsLoader(["first"], { batchSize: 3 }), pointsLoader(["first"], { batchSize: 2 })];
      const trainer = new Trainer({ ...quiet, batchScheduler, seed: 1, stepPrograms: false });
      await trainer.fit(oneTaskModel(lossFunc), loaders);
      return seen;
    };
    assert.deepEqual(await order("sequential"), [3, 3, 3, 3, 2, 2, 2, 2, 2, 2]);
    const shuffled = await order("shuffled");
    assert.notDeepEqual(shuffled, await order("sequential"));
    assert.deepEqual(shuffled.toSorted(), [2, 2, 2, 2, 2, 2, 3, 3, 3, 3]);
  });
});

describe("stopping", () => {
  test("an abort stops between two batches, and the model can be trained on", async () => {
    const model = twoTaskModel();
    const controller = new AbortController();
    const loader = pointsLoader(tasks, { length: 400 });
    const fitting = new Trainer({ ...quiet, nEpochs: 1000 }).fit(model, [loader], {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 30);
    await assert.rejects(fitting, { name: "AbortError" });
    await new Trainer(quiet).fit(model, [loader]);
    assert.ok(weights(model).flat().every(Number.isFinite));
  });

  test("a signal that is aborted already stops before anything is changed", async () => {
    const model = twoTaskModel();
    const before = weights(model);
    await assert.rejects(
      new Trainer(quiet).fit(model, [pointsLoader(tasks)], { signal: AbortSignal.abort() }),
    );
    assert.deepEqual(weights(model), before);
  });

  test("a loss that is not finite stops, names the batch and the task, and changes nothing in that step", async () => {
    let calls = 0;
    let before: number[][] = [];
    const lossFunc = (output: Tensor, labels: Tensor) => {
      if (++calls < 3) return nn.functional.crossEntropy(output, labels);
      before = weights(model);
      return output.sum().mul(Number.NaN);
    };
    const model = oneTaskModel(lossFunc);
    const trainer = new Trainer({ ...quiet, batchScheduler: "sequential", stepPrograms: false });
    const fitting = trainer.fit(model, [pointsLoader(["first"], { length: 40 })]);
    await assert.rejects(fitting, /batch 3 of the epoch.*the loss of "first" is NaN/s);
    assert.deepEqual(weights(model), before);
  });

  test("a second fit on a model in training is refused", async () => {
    const model = twoTaskModel();
    const loader = pointsLoader(tasks, { length: 100 });
    const first = new Trainer(quiet).fit(model, [loader]);
    await assert.rejects(new Trainer(quiet).fit(model, [loader]), /not in training already/);
    await first;
    await new Trainer(quiet).fit(model, [loader]);
  });

  test("the event loop turns while a model trains", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await new Trainer({ ...quiet, nEpochs: 20 }).fit(twoTaskModel(), [pointsLoader(tasks, { length: 400 })]);
    clearInterval(timer);
    assert.ok(turns > 10, `${turns} turns`);
  });
});

test("a task whose head has no parameters cannot be trained, and says so", async () => {
  const model = new MultitaskClassifier([fieldTask("task")], { device: "cpu" });
  const dataset = new DictDataset({
    name: "d",
    split: "train",
    xDict: { logits: tensor([[1, 2]]) },
    yDict: { task: tensor([1], { dtype: "int64" }) },
  });
  await assert.rejects(
    new Trainer(quiet).fit(model, [new DictDataLoader(dataset)]),
    /at least one parameter/,
  );
});
