import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { DictDataLoader, DictDataset } from "../../lib/data/index.ts";
import { crossEntropyWithProbs } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import { nn, rand, randn, setNumThreads, type Tensor, tensor, where } from "../../lib/torch/index.ts";
import { type LRSchedulerName, Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { lrSchedulerNames } from "../../lib/training/lr-scheduler-config.ts";
import { optimizerNames } from "../../lib/training/trainer-config.ts";
import { assertSameBothWays } from "./both-ways.ts";
import { classes, loadersOf, makeLoader, makeModel, rows } from "./step-models.ts";

before(() => setNumThreads(1));

describe("training by programs is training without, to the bit:", () => {
  for (const optimizer of optimizerNames) {
    for (const implementation of ["fused", "foreach"] as const) {
      test(`${optimizer}, ${implementation}`, async () => {
        const options: TrainerOptions = {
          optimizer,
          optimizerConfig: { implementation },
          l2: 0.01,
          gradClip: 0.3,
        };
        const { warnings } = await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options });
        assert.deepEqual(warnings, []);
      });
    }
  }

  for (const lrScheduler of lrSchedulerNames) {
    test(`the rates of "${lrScheduler}"`, async () => {
      const options: TrainerOptions = { lrScheduler, ...schedules[lrScheduler] };
      await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options });
    });
  }
  const schedules: Partial<Record<LRSchedulerName, TrainerOptions>> = {
    linear: { lrSchedulerConfig: { warmupSteps: 3 } },
    plateau: { lrSchedulerConfig: { plateauConfig: { metric: "model/all/train/loss", patience: 0 } } },
  };

  for (const precision of ["float64", "bf16", "bf16-mixed"] as const) {
    test(`precision ${precision}`, async () => {
      await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options: { precision } });
    });
  }

  for (const missing of [0.3, 0.9, 1]) {
    test(`${missing * 100} percent of the labels missing`, async () => {
      const { warnings } = await assertSameBothWays({ model: makeModel, loaders: loadersOf({ missing }) });
      assert.deepEqual(warnings, []);
    });
  }

  test("labels that are probabilities, some rows without", async () => {
    const labels = (missing: number) =>
      where(rand([rows, 1]).lt(missing), tensor(-1), randn([rows, 3]).softmax(1));
    const options = { lossFunc: crossEntropyWithProbs, scorer: new Scorer({ metrics: [] }) };
    const model = () => makeModel({ tasks: { first: options, second: options } });
    const loaders = () => [makeLoader("train", { labels, missing: 0.4 })];
    const { warnings } = await assertSameBothWays({ model, loaders });
    assert.deepEqual(warnings, []);
  });

  test("a loss of one value a row, some rows without a label", async () => {
    const lossFunc = (output: Tensor, labels: Tensor) =>
      nn.functional.crossEntropy(output, labels, { reduction: "none" }).mul(2);
    const model = () => makeModel({ tasks: { first: { lossFunc }, second: {} } });
    const { warnings } = await assertSameBothWays({ model, loaders: loadersOf({ missing: 0.4 }) });
    assert.deepEqual(warnings, []);
  });

  test("a loss of one value runs on the main thread where rows are without a label", async () => {
    const lossFunc = (output: Tensor, labels: Tensor) => nn.functional.crossEntropy(output, labels).mul(2);
    const model = () => makeModel({ tasks: { first: { lossFunc }, second: {} } });
    const { warnings } = await assertSameBothWays({ model, loaders: loadersOf({ missing: 0.4 }) });
    assert.match(
      warnings.join(),
      /points\/train .*cannot be recorded: aten::nonzero .*shape depends on values, in the loss of task "first"/,
    );
  });

  test("several loaders, in either order", async () => {
    const loaders = () => [
      makeLoader("train", { names: ["first"] }),
      makeLoader("train", { names: ["second"], options: { batchSize: 5 } }),
      makeLoader("train", { missing: 0.2 }),
    ];
    for (const batchScheduler of ["shuffled", "sequential"] as const)
      await assertSameBothWays({ model: makeModel, loaders, options: { batchScheduler } });
  });

  test("averages of the weights", async () => {
    for (const weightAveraging of ["ema", "swa"] as const) {
      const weightAveragingConfig = { frequency: 3, startStep: 4, updateBn: true };
      const options: TrainerOptions = { weightAveraging, weightAveragingConfig };
      await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options });
    }
  });

  for (const gradientAccumulationSteps of [2, 3, 100]) {
    for (const implementation of ["fused", "foreach"] as const) {
      test(`an update for every ${gradientAccumulationSteps} batches, ${implementation}`, async () => {
        const options: TrainerOptions = { gradientAccumulationSteps, optimizerConfig: { implementation } };
        const loaders = () => [
          makeLoader("train", { names: ["first"], missing: 0.6 }),
          makeLoader("train", { names: ["second"] }),
        ];
        const { warnings } = await assertSameBothWays({ model: makeModel, loaders, options });
        assert.deepEqual(warnings, []);
      });
    }
  }

  test("weights of tasks, classes and rows, some rows without a label", async () => {
    const xDict = () => ({ data: randn([rows, 4]), weights: rand([rows]) });
    const classWeights = [1, 2, 0.5];
    const model = () =>
      makeModel({ tasks: { first: { classWeights, sampleWeights: "weights" }, second: { classWeights } } });
    const options: TrainerOptions = { taskWeights: { first: 2, second: 0.3 } };
    for (const missing of [0, 0.4]) {
      const { warnings } = await assertSameBothWays({
        model,
        loaders: loadersOf({ xDict, missing }),
        options,
      });
      assert.deepEqual(warnings, []);
    }
  });

  test("groups of parameters, frozen ones too", async () => {
    const paramGroups = [
      { modules: ["trunk"], lr: 1e-3 },
      { modules: ["first_head"], frozen: true },
    ];
    await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options: { paramGroups } });
  });

  test("evaluations at any batch", async () => {
    for (const [counterUnit, evaluationFreq] of [
      ["batches", 1],
      ["points", 20],
      ["epochs", 0.3],
    ] as const) {
      const options: TrainerOptions = { logManagerConfig: { counterUnit, evaluationFreq } };
      await assertSameBothWays({ model: makeModel, loaders: loadersOf({ missing: 0.2 }), options });
    }
  });
});

test("JavaScript runs for the first two batches of a kind alone", async () => {
  let calls = 0;
  class Counting extends nn.Module {
    linear = new nn.Linear(4, 6);
    override forward(x: Tensor): Tensor {
      calls += 1;
      if (calls > 4) throw new Error("not any more");
      return this.linear.forward(x);
    }
  }
  const model = makeModel({ trunk: () => new Counting() });
  await new Trainer({ progressBar: false, nEpochs: 5 }).fit(model, [makeLoader("train")]);
  assert.equal(calls, 4); // two kinds: the last batch is smaller
});

test("a loss that is not finite stops a program's training at its batch, which changes nothing", async () => {
  const points = randn([40, 4]);
  points.select(0, 35).fill_(Number.NaN);
  const model = () => makeModel({ tasks: { first: {} }, trunk: () => new nn.Linear(4, 6) });
  const labels = classes(0).narrow(0, 0, 10).repeat([4]);
  const dataset = new DictDataset({
    name: "points",
    split: "train",
    xDict: { data: points },
    yDict: { first: labels },
  });
  const outcomes = await Promise.all(
    [true, false].map(async (stepPrograms) => {
      const trained = model();
      const trainer = new Trainer({ progressBar: false, seed: 2, stepPrograms });
      trained.loadStateDict(start);
      const error = await trainer.fit(trained, [new DictDataLoader(dataset, { batchSize: 5 })]).catch(String);
      return { error, weights: trained.parameters().map((parameter) => parameter.tolist()) };
    }),
  );
  assert.match(String(outcomes[0]?.error), /batch 8 of the epoch.*the loss of "first" is NaN/);
  assert.deepEqual(outcomes[0], outcomes[1]);
});
const start = makeModel({ tasks: { first: {} }, trunk: () => new nn.Linear(4, 6) }).stateDict();

test("model.program lists the instructions of a step, and leaves no trace", () => {
  const model = makeModel();
  const before = model.modulePool.stateDict();
  const values = Object.values(before).map((value) => value.tolist());
  const text = String(
    model.program({ data: randn([8, 4]) }, { first: tensor([0n, 1n, 2n, 0n, 1n, 2n, 0n, -1n]) }),
  );
  assert.match(text, /^input %0: float32 \[8, 4\]/);
  assert.match(text, /aten::addmm/);
  assert.match(text, /aten::native_batch_norm/);
  assert.deepEqual(
    Object.values(model.modulePool.stateDict()).map((value) => value.tolist()),
    values,
  );
  assert.ok(model.parameters().every(({ grad }) => grad === null));
});
