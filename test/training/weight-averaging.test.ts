import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { seedEverything } from "../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import { memory, nn, optim, scope, type Tensor } from "../../lib/torch/index.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { readTrainerConfig } from "../../lib/training/trainer-config.ts";
import { createWeightAveraging } from "../../lib/training/weight-averaging.ts";
import { linearTask, pointsLoader } from "../model/models.ts";

const evaluatedEachBatch: TrainerOptions = {
  progressBar: false,
  lr: 0.05,
  nEpochs: 2,
  batchScheduler: "sequential",
  logManagerConfig: { counterUnit: "batches", evaluationFreq: 1 },
};
const length = 24; // six batches an epoch
const loaders = () => [pointsLoader(["task"], { length }), pointsLoader(["task"], { split: "valid" })];

type Weights = Record<string, number[]>;

function weightsOf(module: nn.Module): Weights {
  const values = Object.entries(module.stateDict()).map(([name, tensor]) => [name, numbers(tensor)]);
  return Object.fromEntries(values);
}

function numbers(tensor: Tensor): number[] {
  return Array.from(tensor.toTypedArray(), Number);
}

function newNetwork(): nn.Sequential {
  seedEverything(4);
  return new nn.Sequential(new nn.Linear(2, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 2));
}

/** Trains a network, and gives it with its weights at each evaluation. */
async function train(options: TrainerOptions, lossFunc?: Task["lossFunc"]) {
  const network = newNetwork();
  const seen: Weights[] = [];
  const probe = () => {
    seen.push(weightsOf(network));
    return seen.length;
  };
  const task = new Task({
    name: "task",
    modulePool: { network },
    opSequence: [new Operation({ moduleName: "network", inputs: [["_input_", "data"]] })],
    scorer: new Scorer({ customMetricFuncs: { probe } }),
    ...(lossFunc && { lossFunc }),
  });
  const model = new MultitaskClassifier([task], { device: "cpu" });
  const fitting = new Trainer({ ...evaluatedEachBatch, ...options }).fit(model, loaders());
  const outcome = await fitting.then(
    (history) => ({ history, error: null }),
    (error: Error) => ({ history: null, error }),
  );
  return { ...outcome, network, seen, final: weightsOf(network) };
}

/** What torch.optim.AveragedModel makes of a training's own weights; before the first of `entering`, those weights. */
function averagesOf(
  own: readonly Weights[],
  entering: readonly number[],
  options: Partial<optim.AveragedModelOptions>,
): Weights[] {
  const network = newNetwork();
  const averaged = new optim.AveragedModel(network, options);
  return own.map((weights, batch) => {
    const shapes = network.stateDict();
    const entries = Object.entries(weights).map(([name, values]) => [name, like(values, shapes[name])]);
    network.loadStateDict(Object.fromEntries(entries));
    if (entering.includes(batch)) averaged.updateParameters(network);
    const trained = averaged.nAveraged === 0 ? weights : weightsOf(averaged.module);
    return options.useBuffers ? trained : { ...trained, ...statisticsOf(weights) };
  });
}

function like(values: readonly number[], example: Tensor | undefined): Tensor {
  assert.ok(example);
  return scope(() => {
    const made = example.clone();
    for (const [i, value] of values.entries()) made.view(-1).select(0, i).fill_(value);
    return made;
  });
}

function statisticsOf(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => /running|tracked/.test(name)));
}

const every = Array.from({ length: 12 }, (_, batch) => batch);
const ema = { multiAvgFn: optim.getEmaMultiAvgFn(0.8) };

describe("weight averaging", () => {
  test('"none" is the default', () => {
    assert.equal(new Trainer().config.weightAveraging, "none");
  });

  test('"ema": evaluations and the trained model have the moving average, training goes on with its own', async () => {
    const own = await train({});
    const averaged = await train({ weightAveraging: "ema", weightAveragingConfig: { decay: 0.8 } });
    const wanted = averagesOf(own.seen, every, ema);
    assert.equal(own.seen.length, 12);
    assert.deepEqual(averaged.seen, wanted);
    assert.deepEqual(averaged.final, wanted.at(-1));
    assert.deepEqual(own.final, own.seen.at(-1));
    assert.notDeepEqual(averaged.final, own.final);
  });

  test('"swa": the plain average, by default of the last quarter', async () => {
    const own = await train({});
    const averaged = await train({ weightAveraging: "swa" });
    const wanted = averagesOf(own.seen, [9, 10, 11], {});
    assert.deepEqual(averaged.seen, wanted);
    assert.deepEqual(averaged.seen.slice(0, 9), own.seen.slice(0, 9));
    assert.deepEqual(averaged.final, wanted.at(-1));
  });

  test("startStep, startPercentage and frequency say which batches enter", async () => {
    const own = await train({});
    for (const [weightAveragingConfig, entering] of [
      [{ startStep: 3, frequency: 4 }, [3, 7, 11]],
      [{ startPercentage: 0.5, frequency: 5 }, [6, 11]],
      [{ startPercentage: 0, frequency: 6 }, [0, 6]],
    ] as const) {
      const { final } = await train({ weightAveraging: "swa", weightAveragingConfig });
      assert.deepEqual(final, averagesOf(own.seen, entering, {}).at(-1));
    }
  });

  test("where nothing has entered, the model keeps its own weights", async () => {
    const own = await train({});
    const { final, seen } = await train({ weightAveraging: "ema", weightAveragingConfig: { startStep: 12 } });
    assert.deepEqual(final, own.final);
    assert.deepEqual(seen, own.seen);
  });

  test("useBuffers averages the statistics of batch norm too", async () => {
    const own = await train({});
    const weightAveragingConfig = { decay: 0.8, useBuffers: true };
    const averaged = await train({ weightAveraging: "ema", weightAveragingConfig });
    const wanted = averagesOf(own.seen, every, { ...ema, useBuffers: true });
    // Evaluations leave the counts of the training alone, but the last one is an average of them.
    assert.deepEqual(averaged.final, wanted.at(-1));
    assert.notDeepEqual(statisticsOf(averaged.final), statisticsOf(own.final));
  });

  test("updateBn ends with the statistics of the averaged weights", async () => {
    const weightAveragingConfig = { decay: 0.8, updateBn: true };
    const { final, network } = await train({ weightAveraging: "ema", weightAveragingConfig });
    const [trainLoader] = loaders();
    assert.ok(trainLoader);
    await optim.updateBn(trainLoader, network, {
      forward: ({ xDict }) => network.forward(xDict.data as Tensor),
    });
    assert.deepEqual(weightsOf(network), final);
    assert.equal(final["1.num_batches_tracked"]?.[0], 6);
  });

  test("checkpoints hold the averaged weights, and the best of them ends in the model", async () => {
    const checkpointDir = mkdtempSync(join(tmpdir(), "averaging-"));
    const { final, seen, history } = await train({
      weightAveraging: "ema",
      weightAveragingConfig: { decay: 0.8 },
      checkpointing: true,
      checkpointerConfig: { checkpointDir, checkpointMetric: "task/points/valid/probe:min" },
    });
    assert.equal(history?.loadedBestModel, true);
    assert.deepEqual(final, seen[0]);
  });

  test("a training that fails leaves the model its own weights", async () => {
    const lossUntil = (last: number): Task["lossFunc"] => {
      let calls = 0;
      return (output, labels) => {
        calls += 1;
        const loss = nn.functional.crossEntropy(output as Tensor, labels);
        return calls > last ? loss.mul(Number.NaN) : loss;
      };
    };
    const own = await train({ stepPrograms: false }, lossUntil(5));
    const averaged = await train({ stepPrograms: false, weightAveraging: "ema" }, lossUntil(5));
    assert.match(averaged.error?.message ?? "", /is NaN/);
    assert.equal(averaged.seen.length, 5);
    assert.deepEqual(averaged.final, own.final);
  });

  test("what it keeps is freed at its end", () => {
    const config = readTrainerConfig({ weightAveraging: "ema" });
    const model = new MultitaskClassifier([linearTask("task")], { device: "cpu" });
    const averaging = createWeightAveraging(config, model, 3);
    const before = memory();
    for (let batch = 0; batch < 3; batch++) averaging.update(1);
    assert.equal(memory().tensors, before.tensors + model.parameters().length);
    averaging.adopt();
    averaging.dispose();
    assert.deepEqual(memory(), before);
  });

  test("settings out of their range are refused", () => {
    const make = (weightAveragingConfig: object) => () => new Trainer({ weightAveragingConfig });
    assert.throws(() => new Trainer({ weightAveraging: "polyak" as never }), /weightAveraging to be one of/);
    assert.throws(make({ decay: 1.1 }), /\[Trainer.weightAveragingConfig\] expected .* for decay/);
    assert.throws(make({ startStep: -1 }), /for startStep/);
    assert.throws(make({ startPercentage: 75 }), /at most 1 for startPercentage/);
    assert.throws(make({ frequency: 0 }), /an integer at least 1 for frequency/);
    assert.throws(make({ useBuffers: "yes" }), /a boolean for useBuffers/);
    assert.throws(make({ updateBN: true }), /Did you mean "updateBn"/);
  });
});
