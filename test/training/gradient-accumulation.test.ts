import assert from "node:assert/strict";
import { before, test } from "node:test";
import { seedEverything } from "../../lib/data/index.ts";
import type { MultitaskClassifier } from "../../lib/model/index.ts";
import { optim, scope, setNumThreads, stack } from "../../lib/torch/index.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { pointsLoader, twoTaskModel } from "../model/models.ts";

before(() => setNumThreads(1));

const tasks = ["first", "second"];
const options: TrainerOptions = {
  progressBar: false,
  nEpochs: 2,
  batchScheduler: "sequential",
  optimizerConfig: { implementation: "foreach" },
  lrScheduler: "exponential",
};
const loader = () => pointsLoader(tasks, { length: 28 }); // seven batches
const weights = (model: MultitaskClassifier) =>
  Object.values(model.stateDict()).map((value) => value.tolist());

function startingModel(): MultitaskClassifier {
  seedEverything(1);
  return twoTaskModel();
}

/** What a loop of PyTorch does. */
function trainByHand(steps: number, taskWeights: readonly number[]): unknown {
  const model = startingModel();
  const optimizer = new optim.Adam(model.parameters(), { implementation: "foreach" });
  const rates = optim.scheduleRates({ kind: "exponential", lr: 0.01, gamma: 0.9 }, 0, 14);
  let batch = 0;
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const [i, [xDict, yDict]] of [...loader()].entries()) {
      scope(() => {
        const { lossDict } = model.calculateLoss(xDict, yDict);
        const losses = Object.values(lossDict).map((loss, task) => loss.mul(taskWeights[task] as number));
        stack(losses).sum().div(steps).backward();
        optimizer.lr = rates[batch++] as number;
        if ((i + 1) % steps !== 0 && i !== 6) return;
        optim.clipGradNorm(model.parameters(), 1);
        optimizer.step();
        optimizer.zeroGrad();
      });
    }
  }
  return weights(model);
}

for (const steps of [1, 3, 10]) {
  test(`gradients of ${steps} batches are averaged, clipped and applied as by a loop of PyTorch`, async () => {
    const model = startingModel();
    await new Trainer({ ...options, gradientAccumulationSteps: steps }).fit(model, [loader()]);
    assert.deepEqual(weights(model), trainByHand(steps, [1, 1]));
  });
}

test("losses are weighted by task in the sum that is trained on, and logged as they are", async () => {
  const model = startingModel();
  const trainer = new Trainer({ ...options, nEpochs: 2, taskWeights: { first: 0.5, second: 3 } });
  const { evaluations } = await trainer.fit(model, [loader()]);
  assert.deepEqual(weights(model), trainByHand(1, [0.5, 3]));
  const { losses } = evaluations[0] ?? assert.fail();
  const mean = ((losses["first/points/train/loss"] ?? 0) + (losses["second/points/train/loss"] ?? 0)) / 2;
  assert.ok(Math.abs((losses["model/all/train/loss"] ?? 0) - mean) < 1e-12);
});

test("weights of 1 change no bit, and those of unknown names are refused", async () => {
  const [model, other] = [startingModel(), startingModel()];
  await new Trainer(options).fit(model, [loader()]);
  await new Trainer({ ...options, taskWeights: { first: 1, second: 1 } }).fit(other, [loader()]);
  assert.deepEqual(weights(other), weights(model));
  const fitting = new Trainer({ ...options, taskWeights: { secnd: 1 } }).fit(model, [loader()]);
  await assert.rejects(fitting, /a name of taskWeights.*Did you mean "second"/s);
  assert.throws(() => new Trainer({ taskWeights: { first: -1 } }), /at least 0 for taskWeights\["first"\]/);
});

test("a label's weight goes before that of the task that it trains", async () => {
  const train = async (taskWeights: Record<string, number>) => {
    const model = startingModel();
    const loaders = [pointsLoader(["other"], { length: 28 })];
    await new Trainer({ ...options, taskWeights }).fit(model, loaders, { remapLabels: { other: "first" } });
    return weights(model);
  };
  assert.deepEqual(await train({ other: 2, first: 5 }), await train({ first: 2 }));
  assert.notDeepEqual(await train({ first: 5 }), await train({ first: 2 }));
});

test("schedules, evaluations and the history go on counting batches", async () => {
  const trainer = new Trainer({
    ...options,
    gradientAccumulationSteps: 4,
    logManagerConfig: { counterUnit: "batches", evaluationFreq: 3 },
  });
  const history = await trainer.fit(startingModel(), [loader()]);
  assert.equal(history.batches, 14);
  assert.deepEqual(
    history.evaluations.map(({ batch }) => batch),
    [3, 6, 9, 12],
  );
  const rates = optim.scheduleRates({ kind: "exponential", lr: 0.01, gamma: 0.9 }, 0, 14);
  assert.deepEqual(
    history.evaluations.map(({ learningRate }) => learningRate),
    [3, 6, 9, 12].map((batch) => rates[batch]),
  );
});
