import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MultitaskClassifier } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import { optim } from "../../lib/torch/index.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { LearningRates } from "../../lib/training/learning-rates.ts";
import { lrSchedulerNames } from "../../lib/training/lr-scheduler-config.ts";
import { readTrainerConfig } from "../../lib/training/trainer-config.ts";
import { linearTask, pointsLoader } from "../model/models.ts";

const batches = 10;
const epochs = 4;
const total = batches * epochs;
const lr = 0.1;

function ratesOf(options: TrainerOptions, count = total): number[] {
  const config = readTrainerConfig({ lr, nEpochs: epochs, ...options });
  return [...new LearningRates(config, batches).of(0, count)];
}

describe("learning rates of the Trainer", () => {
  /** What each schedule is without any configuration. */
  const schedules: Record<string, optim.RateSchedule> = {
    constant: { kind: "constant", lr },
    linear: { kind: "linear", lr, totalSteps: total },
    exponential: { kind: "exponential", lr, gamma: 0.9 },
    step: { kind: "step", lr, gamma: 0.9, stepSize: 5 },
    multiStep: { kind: "multiStep", lr, milestones: [20, 30] },
    polynomial: { kind: "polynomial", lr, totalIters: total },
    cosine: { kind: "cosine", lr, tMax: total },
    cosineWarmRestarts: { kind: "cosineWarmRestarts", lr, t0: batches },
    oneCycle: { kind: "oneCycle", lr, totalSteps: total },
    cyclic: { kind: "cyclic", lr, stepSizeUp: 5 },
    swa: { kind: "swa", lr, startStep: 30 },
    lambda: { kind: "constant", lr },
    multiplicative: { kind: "constant", lr },
    plateau: { kind: "constant", lr },
  };
  for (const name of lrSchedulerNames) {
    test(`${name} needs no configuration`, () => {
      const schedule = schedules[name];
      assert.ok(schedule);
      assert.deepEqual(ratesOf({ lrScheduler: name }), [...optim.scheduleRates(schedule, 0, total)]);
    });
  }

  test("the length of a schedule is that of the training without its warm-up", () => {
    const rates = ratesOf({
      lrScheduler: "cosine",
      lrSchedulerConfig: { warmupPercentage: 0.25, minLr: 0.01 },
    });
    const wanted: optim.RateSchedule = { kind: "cosine", lr, tMax: 30, warmupSteps: 10, minLr: 0.01 };
    assert.deepEqual(rates, [...optim.scheduleRates(wanted, 0, total)]);
  });

  test("parity 37: a warm-up is so many batches, epochs, or a share of the training", () => {
    const lengthOf = (lrSchedulerConfig: TrainerOptions["lrSchedulerConfig"]) =>
      ratesOf({ lrSchedulerConfig }).filter((rate) => rate < lr).length;
    assert.equal(lengthOf({ warmupSteps: 1, warmupUnit: "batches" }), 1);
    assert.equal(lengthOf({ warmupSteps: 1, warmupUnit: "epochs" }), batches);
    assert.equal(lengthOf({ warmupSteps: 0.55, warmupUnit: "epochs" }), 5);
    assert.equal(lengthOf({ warmupPercentage: 1 / total }), 1);
    assert.equal(lengthOf({ warmupPercentage: 0.5 }), total / 2);
  });

  test("parity 37: a warm-up of a share is cut to whole batches as Python cuts it", () => {
    // In doubles 0.03 * 22 * 50 is just below 33, and 0.03 * (22 * 50) is 33.
    const lrSchedulerConfig = { warmupPercentage: 0.03 };
    const rates = new LearningRates(readTrainerConfig({ lr, nEpochs: 22, lrSchedulerConfig }), 50);
    assert.deepEqual(
      [...rates.of(30, 4)],
      [30, 31, 32, 32].map((step) => lr * (step / 32)),
    );
  });

  test("a configuration goes before what follows from the training", () => {
    const lrSchedulerConfig = {
      oneCycleConfig: { maxLr: 0.7, totalSteps: 20, annealStrategy: "linear" },
      multiStepConfig: { milestones: [3, 5], gamma: 0.5 },
      lambdaConfig: { lrLambda: (step: number) => 1 / (1 + step) },
    } as const;
    const { oneCycleConfig, multiStepConfig } = lrSchedulerConfig;
    assert.deepEqual(ratesOf({ lrScheduler: "oneCycle", lrSchedulerConfig }), [
      ...optim.scheduleRates({ kind: "oneCycle", lr, ...oneCycleConfig }, 0, total),
    ]);
    assert.deepEqual(ratesOf({ lrScheduler: "multiStep", lrSchedulerConfig }), [
      ...optim.scheduleRates({ kind: "multiStep", lr, ...multiStepConfig }, 0, total),
    ]);
    assert.deepEqual(ratesOf({ lrScheduler: "lambda", lrSchedulerConfig }, 3), [lr, lr / 2, lr * (1 / 3)]);
  });

  test("a training of one batch has a rate in every schedule", () => {
    for (const lrScheduler of lrSchedulerNames) {
      for (const warmupSteps of [0, 1]) {
        const config = readTrainerConfig({ lr, lrScheduler, lrSchedulerConfig: { warmupSteps } });
        const rates = new LearningRates(config, 1).of(0, 2);
        assert.ok(
          rates.every((rate) => rate >= 0 && rate <= lr),
          `${lrScheduler}: ${rates}`,
        );
      }
    }
  });

  test("rates asked for piece by piece are those of the whole, for each base rate, and computed once", () => {
    let calls = 0;
    const lrLambda = (step: number) => {
      calls += 1;
      return 1 - 1 / (step + 2);
    };
    for (const lrScheduler of lrSchedulerNames) {
      const lrSchedulerConfig = { warmupSteps: 3, multiplicativeConfig: { lrLambda } };
      const config = readTrainerConfig({ lr, nEpochs: epochs, lrScheduler, lrSchedulerConfig });
      const rates = new LearningRates(config, batches);
      const pieces: Record<number, number[]> = { [lr]: [], 0.03: [] };
      for (let first = 0; first < total; first += 4) {
        for (const base of [lr, 0.03]) {
          pieces[base]?.push(...rates.of(first, 4, base));
          rates.of(first + 4, 1, base);
        }
      }
      const whole = (base: number) => [...new LearningRates(config, batches).of(0, total, base)];
      assert.deepEqual(pieces, { [lr]: whole(lr), 0.03: whole(0.03) }, lrScheduler);
    }
    assert.ok(calls < 6 * total, `${calls} calls of the user's function`);
  });

  test("bad settings are refused when the Trainer is made, whichever the schedule", () => {
    const make = (lrSchedulerConfig: object) => () => new Trainer({ lrSchedulerConfig });
    assert.throws(
      make({ stepConfig: { stepSize: 0 } }),
      /\[Trainer.lrSchedulerConfig.stepConfig\] expected an integer at least 1 for stepSize, got 0/,
    );
    assert.throws(make({ cosineConfig: { tmax: 3 } }), /cosineConfig\].*Did you mean "tMax"/);
    assert.throws(make({ cosineConfig: { tMax: "3" } }), /for tMax, got "3"/);
    assert.throws(make({ oneCycleConfig: { pctStart: 1.5 } }), /for pctStart/);
    assert.throws(make({ lambdaConfig: { lrLambda: 3 } }), /lambdaConfig\] expected a function/);
    assert.throws(make({ plateauConfig: { factor: 2 } }), /plateauConfig\] expected .* for factor/);
    assert.throws(make({ plateauConfig: { metric: 3 } }), /plateauConfig\] expected a name for metric/);
  });
});

describe("plateau", () => {
  /** Trains one batch an epoch on scores that are given, and gives the rates after each evaluation. */
  async function fit(scores: readonly number[], metric: string, options: Partial<optim.PlateauOptions> = {}) {
    let evaluations = 0;
    const scorer = new Scorer({ customMetricFuncs: { given: () => scores[evaluations++] ?? Number.NaN } });
    const model = new MultitaskClassifier([linearTask("task", { scorer })], { device: "cpu" });
    const loaders = ["train", "valid"].map((split) => pointsLoader(["task"], { split, batchSize: 12 }));
    const trainer = new Trainer({
      progressBar: false,
      lr,
      nEpochs: scores.length,
      lrScheduler: "plateau",
      lrSchedulerConfig: { plateauConfig: { metric, ...options } },
    });
    return (await trainer.fit(model, loaders)).evaluations;
  }

  test("the rate falls when its metric has stalled, from the next batch on, as ReduceLROnPlateau's", async () => {
    const scores = [0.5, 0.6, 0.6, 0.6, 0.7, 0.7, 0.7, 0.7];
    const options = { mode: "max", patience: 1, factor: 0.3, minLr: 0.01 } as const;
    const evaluations = await fit(scores, "task/points/valid/given", options);
    const optimizer = { lr };
    const plateau = new optim.ReduceLROnPlateau(optimizer, options);
    const wanted = scores.map((score) => {
      plateau.step(score);
      return optimizer.lr;
    });
    assert.deepEqual(
      evaluations.map(({ learningRate }) => learningRate),
      wanted,
    );
    assert.deepEqual(wanted, [lr, lr, lr, 0.03, 0.03, 0.03, 0.01, 0.01]);
  });

  test("batches train at the lowered rate", async () => {
    const model = new MultitaskClassifier([linearTask("task")], { device: "cpu" });
    const plateauConfig = { patience: 0, factor: 0, threshold: 10, thresholdMode: "abs" } as const;
    const seen: number[] = [];
    await new Trainer({
      progressBar: false,
      lr,
      nEpochs: 4,
      lrScheduler: "plateau",
      lrSchedulerConfig: { plateauConfig },
    })
      .fit(model, [pointsLoader(["task"], { batchSize: 12 })])
      .then(({ evaluations }) => {
        seen.push(...evaluations.map(({ losses }) => losses["model/all/train/loss"] ?? Number.NaN));
      });
    // From the third batch on the rate is 0, and the loss that of the weights after the second.
    assert.notEqual(seen[0], seen[1]);
    assert.notEqual(seen[1], seen[2]);
    assert.equal(seen[2], seen[3]);
  });

  test("a metric that is not there is warned of once, with the nearest, and the rate stays", async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on("warning", listen);
    const evaluations = await fit([1, 1, 1], "task/points/valid/givn", { patience: 0 });
    await new Promise(setImmediate);
    process.off("warning", listen);
    assert.deepEqual(new Set(evaluations.map(({ learningRate }) => learningRate)), new Set([lr]));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /plateauConfig.metric .*Did you mean "task\/points\/valid\/given"/);
  });
});
