import assert from "node:assert/strict";
import { test } from "node:test";
import { Trainer, trainerDefaults } from "../../lib/training/index.ts";

test("parity 30: the defaults are Snorkel's", () => {
  const { config } = new Trainer();
  assert.deepEqual(
    [config.seed, config.nEpochs, config.lr, config.l2, config.gradClip, config.progressBar],
    [null, 1, 0.01, 0, 1, true],
  );
  assert.deepEqual([config.trainSplit, config.validSplit, config.testSplit], ["train", "valid", "test"]);
  assert.deepEqual([config.checkpointing, config.logging, config.logWriter], [false, false, "tensorboard"]);
  assert.deepEqual(
    [config.optimizer, config.lrScheduler, config.batchScheduler],
    ["adam", "constant", "shuffled"],
  );
  assert.deepEqual(config.logManagerConfig, { counterUnit: "epochs", evaluationFreq: 1 });
});

test("parity 31: nested settings are merged into the defaults, and the caller's object stays as it was", () => {
  const given = { name: "mine", lrSchedulerConfig: { stepConfig: { gamma: 0.5 } } };
  const trainer = new Trainer(given);
  assert.equal(trainer.name, "mine");
  assert.deepEqual(trainer.config.lrSchedulerConfig.stepConfig, { gamma: 0.5, stepSize: 5 });
  assert.equal(trainerDefaults.lrSchedulerConfig.stepConfig.gamma, 0.9);
  assert.deepEqual(given, { name: "mine", lrSchedulerConfig: { stepConfig: { gamma: 0.5 } } });
});

test("parity 31: an unknown setting is refused with the nearest name, nested ones too", () => {
  assert.throws(() => new Trainer({ nEpoch: 3 } as never), /\[Trainer\].*Did you mean "nEpochs"/);
  const nested = { lrSchedulerConfig: { warmupStep: 3 } } as never;
  assert.throws(() => new Trainer(nested), /\[Trainer.lrSchedulerConfig\].*Did you mean "warmupSteps"/);
});

test("parity 35, 36, 39, 48: an unknown optimizer, schedule, batch scheduler or writer is refused", () => {
  const wrong = { optimizer: "adagrd", lrScheduler: "cosin", batchScheduler: "random", logWriter: "yaml" };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(() => new Trainer({ [name]: value } as never), new RegExp(`expected ${name} to be one of`));
  }
});

test("parity 37: a negative warm-up or an unknown unit is refused", () => {
  assert.throws(() => new Trainer({ lrSchedulerConfig: { warmupSteps: -1 } }), /at least 0 for warmupSteps/);
  const unit = { lrSchedulerConfig: { warmupUnit: "points" as never } };
  assert.throws(() => new Trainer(unit), /warmupUnit to be one of \["batches", "epochs"\]/);
});

test("numbers out of range are refused", () => {
  for (const wrong of [
    { lr: -1 },
    { lr: Number.NaN },
    { nEpochs: 1.5 },
    { l2: "a" },
    { gradClip: -1 },
    { seed: 0.5 },
  ]) {
    assert.throws(() => new Trainer(wrong as never), /\[Trainer\] expected/);
  }
});
