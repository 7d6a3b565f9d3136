import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { MultitaskClassifier } from "../../lib/model/index.ts";
import { type FitContext, Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { pointsLoader, twoTaskModel } from "../model/models.ts";

const tasks = ["first", "second"];
const quiet: TrainerOptions = { progressBar: false, lr: 0.05, nEpochs: 6 };
const folder = () => mkdtempSync(join(tmpdir(), "callbacks-"));
const weights = (model: MultitaskClassifier) =>
  Object.values(model.stateDict()).map((value) => value.tolist());

describe("callbacks", () => {
  test("are called in order after evaluations, checkpoints and epochs, and waited for", async () => {
    const calls: string[] = [];
    const note = (name: string) => async (context: FitContext) => {
      calls.push(`${name} begins at ${context.epoch}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      calls.push(`${name} ends`);
    };
    const checkpointerConfig = { checkpointDir: folder(), checkpointFactor: 2 };
    const trainer = new Trainer({
      ...quiet,
      nEpochs: 1,
      checkpointing: true,
      checkpointerConfig,
      logManagerConfig: { evaluationFreq: 0.5 },
    });
    await trainer.fit(twoTaskModel(), [pointsLoader(tasks, { length: 16 })], {
      callbacks: [
        { onEvaluate: note("evaluate"), onEpochEnd: note("epoch") },
        { onEvaluate: note("second"), onCheckpoint: note("checkpoint") },
      ],
    });
    const expected = [
      ...["evaluate begins at 0.5", "evaluate ends", "second begins at 0.5", "second ends"],
      ...["evaluate begins at 1", "evaluate ends", "second begins at 1", "second ends"],
      ...["checkpoint begins at 1", "checkpoint ends", "epoch begins at 1", "epoch ends"],
    ];
    assert.deepEqual(calls, expected);
  });

  test("are told of the trainer, the model, the history, the metrics and the checkpoint", async () => {
    const checkpointDir = folder();
    const trainer = new Trainer({
      ...quiet,
      nEpochs: 2,
      checkpointing: true,
      checkpointerConfig: { checkpointDir },
    });
    const model = twoTaskModel();
    const seen: unknown[] = [];
    const onCheckpoint = (context: FitContext) => {
      assert.equal(context.trainer, trainer);
      assert.equal(context.model, model);
      assert.equal(context.metrics["model/all/train/loss"], trainer.metrics["model/all/train/loss"]);
      assert.ok(readdirSync(checkpointDir).includes(context.checkpoint?.split("/").at(-1) ?? ""));
      seen.push([context.history.evaluations.length, context.checkpoint]);
    };
    await trainer.fit(model, [pointsLoader(tasks)], { callbacks: { onCheckpoint } });
    const paths = ["checkpoint_1.0.safetensors", "checkpoint_2.0.safetensors"];
    assert.deepEqual(seen, [
      [1, join(checkpointDir, paths[0] as string)],
      [2, join(checkpointDir, paths[1] as string)],
    ]);
  });

  test("can end the training, which the history says", async () => {
    const onEvaluate = ({ history, stop }: FitContext) => {
      if (history.evaluations.length === 2) stop();
    };
    const history = await new Trainer(quiet).fit(twoTaskModel(), [pointsLoader(tasks)], {
      callbacks: { onEvaluate },
    });
    assert.deepEqual([history.stopped, history.batches], ["callback", 6]);
  });

  test("reject the training by an error, and the logs stay", async () => {
    const logDir = folder();
    const logs = { logging: true, logWriter: "json", logWriterConfig: { logDir, runName: "run" } } as const;
    const onEpochEnd = async () => {
      throw new RangeError("mine");
    };
    const fitting = new Trainer({ ...quiet, ...logs }).fit(twoTaskModel(), [pointsLoader(tasks)], {
      callbacks: { onEpochEnd },
    });
    await assert.rejects(fitting, new RangeError("mine"));
    const log = JSON.parse(readFileSync(join(logDir, "run", "log.json"), "utf8"));
    assert.equal(log["model/all/train/loss"].length, 1);
  });

  test("of an unknown name, and what is no function, are refused", async () => {
    const fit = (callbacks: object) =>
      new Trainer(quiet).fit(twoTaskModel(), [pointsLoader(tasks)], { callbacks });
    await assert.rejects(fit({ onEpoch() {} }), /Did you mean "onEpochEnd"/);
    await assert.rejects(fit([{ onEvaluate: 3 }]), /a function for callbacks.onEvaluate/);
  });
});

describe("early stopping", () => {
  const stopping = (metrics: string[], others: object = {}): TrainerOptions => ({
    ...quiet,
    earlyStopping: true,
    earlyStoppingConfig: { metrics, patience: 2, ...others },
  });
  const loss = "model/all/train/loss";

  test("ends the training when nothing has improved for so many evaluations", async () => {
    const trainer = new Trainer({ ...stopping([`${loss}:min`]), lr: 0 });
    const history = await trainer.fit(twoTaskModel(), [pointsLoader(tasks)]);
    assert.deepEqual([history.evaluations.length, history.stopped], [3, "earlyStopping"]);
  });

  test("waits as long as one of several metrics improves", async () => {
    const history = await new Trainer(stopping([`${loss}:max`, `${loss}:min`])).fit(twoTaskModel(), [
      pointsLoader(tasks, { length: 100 }),
    ]);
    assert.deepEqual([history.evaluations.length, history.stopped], [6, null]);
  });

  test("does not count what is better by less than minDelta", async () => {
    const history = await new Trainer(stopping([`${loss}:min`], { minDelta: 100 })).fit(twoTaskModel(), [
      pointsLoader(tasks),
    ]);
    assert.equal(history.evaluations.length, 3);
  });

  test("leaves the weights of the first metric's best evaluation, unless told not to", async () => {
    for (const restoreBestWeights of [true, false]) {
      const seen: unknown[] = [];
      const model = twoTaskModel();
      const trainer = new Trainer(stopping([`${loss}:max`], { restoreBestWeights }));
      const onEvaluate = () => void seen.push(weights(model));
      const history = await trainer.fit(model, [pointsLoader(tasks, { length: 100 })], {
        callbacks: { onEvaluate },
      });
      assert.equal(seen.length, 3);
      assert.equal(history.loadedBestModel, restoreBestWeights);
      assert.deepEqual(weights(model), seen.at(restoreBestWeights ? 0 : -1));
    }
  });

  test("is not misled by a metric that does not appear, of which a warning tells", async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error) => warnings.push(message);
    process.on("warning", note);
    const trainer = new Trainer({ ...stopping(["first/points/valid/acuracy:max"]), lr: 0 });
    const loaders = [pointsLoader(tasks), pointsLoader(tasks, { split: "valid" })];
    const history = await trainer.fit(twoTaskModel(), loaders);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    assert.deepEqual([history.evaluations.length, history.stopped], [6, null]);
    assert.match(warnings.join(), /Did you mean "first\/points\/valid\/accuracy"/);
  });

  test("is refused with metrics of another form, or no patience", () => {
    assert.throws(() => new Trainer(stopping(["loss"])), /\[Trainer.earlyStoppingConfig\] expected "task/);
    assert.throws(() => new Trainer(stopping([], {})), /at least one metric/);
    assert.throws(() => new Trainer(stopping([`${loss}:min`], { patience: 0 })), /at least 1 for patience/);
  });
});
