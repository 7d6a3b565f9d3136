import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { MultitaskClassifier } from "../../lib/model/index.ts";
import { Generator, manualSeed } from "../../lib/torch/index.ts";
import { type FitContext, Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { makeLoader, makeModel } from "./step-models.ts";

const quiet: TrainerOptions = { progressBar: false, nEpochs: 4, seed: 0 };
const weights = (model: MultitaskClassifier) =>
  Object.values(model.stateDict()).map((value) => value.tolist());

/**
 * A model with dropout and batch normalization, its loaders, and one for predictions, which draws nothing that the training
 * would draw.
 */
function setUp() {
  manualSeed(0);
  const [train, valid] = [makeLoader("train"), makeLoader("valid")];
  const test = makeLoader("test", { options: { generator: new Generator() } });
  return { model: makeModel(), train, valid, test };
}

async function trained(options: TrainerOptions, onEpochEnd?: (context: FitContext) => void) {
  const { model, train, valid } = setUp();
  await new Trainer({ ...quiet, ...options }).fit(model, [train, valid], { callbacks: { onEpochEnd } });
  return weights(model);
}

for (const stepPrograms of [true, false]) {
  describe(`predictions while a training runs, with stepPrograms: ${stepPrograms}`, () => {
    const ways: Record<string, () => TrainerOptions> = {
      "": () => ({}),
      ", with frozen parts and checkpoints": () => ({
        paramGroups: [{ modules: ["trunk.0"], frozen: true }],
        checkpointing: true,
        checkpointerConfig: { checkpointDir: mkdtempSync(join(tmpdir(), "at-once-")) },
      }),
    };
    for (const [way, options] of Object.entries(ways)) {
      test(`are refused while it is busy with batches, and change nothing${way}`, async () => {
        const { model, train, valid, test } = setUp();
        const fit = new Trainer({ ...quiet, ...options(), stepPrograms }).fit(model, [train, valid]);
        let isOver = false;
        const whenOver = fit.finally(() => {
          isOver = true;
        });
        const tries: Promise<PromiseSettledResult<unknown>[]>[] = [];
        while (!isOver) {
          tries.push(Promise.allSettled([model.predict(test), model.score([test])]));
          await new Promise((resolve) => setImmediate(resolve));
        }
        await whenOver;
        const settled = (await Promise.all(tries)).flat();
        const refused = settled.filter((each) => each.status === "rejected");
        assert.ok(refused.length > 0);
        for (const { reason } of refused)
          assert.match(
            reason.message,
            /^\[MultitaskClassifier\.predict\] expected a model between two batches, got one/,
          );
        assert.deepEqual(weights(model), await trained({ ...options(), stepPrograms }));
        assert.ok(model.parameters().every((parameter) => parameter.requiresGrad));
      });
    }

    test("that a callback does not wait for, the training waits for", async () => {
      const predictions: Promise<unknown>[] = [];
      const { test } = setUp();
      const watched = await trained({ stepPrograms }, ({ model }) => {
        predictions.push(model.predict(test), model.score([test]));
      });
      assert.equal((await Promise.all(predictions)).length, 8);
      assert.deepEqual(watched, await trained({ stepPrograms }));
    });

    test("that are under way when it begins, it waits for", async () => {
      const { model, train, valid, test } = setUp();
      const prediction = model.predict(test, { programs: null });
      await new Trainer({ ...quiet, stepPrograms }).fit(model, [train, valid]);
      await prediction;
      assert.deepEqual(weights(model), await trained({ stepPrograms }));
      assert.ok(model.modules().every((module) => module.training));
    });

    test("do not see averaged weights come and go", async () => {
      const averaging = { stepPrograms, weightAveraging: "ema" } as const;
      const predictions: Promise<unknown>[] = [];
      const { test } = setUp();
      const watched = await trained(averaging, ({ model }) => void predictions.push(model.predict(test)));
      await Promise.all(predictions);
      assert.deepEqual(watched, await trained(averaging));
    });
  });
}

test("a training begins and goes on, however many predictions are asked for", async () => {
  const { model, train, valid } = setUp();
  let isOver = false;
  let refused = 0;
  const callers = [1, 2, 3].map(async () => {
    const { test } = setUp();
    while (!isOver) {
      await model.predict(test).catch(() => {
        refused += 1;
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await new Trainer({ ...quiet, weightAveraging: "swa" }).fit(model, [train, valid]);
  isOver = true;
  await Promise.all(callers);
  assert.ok(refused > 0);
});

describe("two trainings at once", () => {
  test("of one model are refused", async () => {
    const { model, train, valid } = setUp();
    const fit = new Trainer(quiet).fit(model, [train, valid]);
    await assert.rejects(new Trainer(quiet).fit(model, [train]), /a model that is not in training already/);
    await fit;
  });

  test("that keep their checkpoints in one folder are refused, one after the other is fine", async () => {
    const checkpointDir = mkdtempSync(join(tmpdir(), "at-once-"));
    const options = { ...quiet, checkpointing: true, checkpointerConfig: { checkpointDir } };
    const start = (folder = checkpointDir) => {
      const { model, train, valid } = setUp();
      const checkpointerConfig = { checkpointDir: folder };
      return new Trainer({ ...options, checkpointerConfig }).fit(model, [train, valid]);
    };
    const first = start();
    await assert.rejects(
      start(join(checkpointDir, "x", "..")),
      /a folder that no other training uses for checkpointDir/,
    );
    await start(join(checkpointDir, "other"));
    await first;
    await start();
  });
});
