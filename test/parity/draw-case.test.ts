import assert from "node:assert/strict";
import { test } from "node:test";
import type { ParityCase } from "../../scripts/parity/matrix/case.ts";
import { drawCase } from "../../scripts/parity/matrix/draw-case.ts";

test("a case follows from the seed and its number", () => {
  assert.deepEqual(drawCase(7, 3), drawCase(7, 3));
  assert.notDeepEqual(drawCase(7, 3), drawCase(7, 4));
  assert.notDeepEqual(drawCase(7, 3), drawCase(8, 3));
});

test("200 cases hold every kind of what is drawn", () => {
  const cases = Array.from({ length: 200 }, (_, index) => drawCase(1, index));
  const valuesOf = (read: (parityCase: ParityCase) => unknown) => new Set(cases.flatMap(read));
  const holds = (read: (parityCase: ParityCase) => unknown, ...values: unknown[]) => {
    const drawn = valuesOf(read);
    for (const value of values) assert.ok(drawn.has(value), `${value} is not drawn`);
  };
  holds(({ trainer }) => trainer.optimizer, "sgd", "adam", "adamax");
  holds(({ trainer }) => trainer.lrScheduler, "constant", "linear", "exponential", "step");
  holds(({ trainer }) => trainer.lrSchedulerConfig?.warmupUnit, undefined, "batches", "epochs");
  holds(({ trainer }) => trainer.batchScheduler, "shuffled", "sequential");
  holds(({ trainer }) => trainer.logManagerConfig?.counterUnit, "epochs", "batches", "points");
  holds(({ trainer }) => trainer.gradClip, null, 0, 0.05);
  holds(({ trainer }) => trainer.logWriter, "json", "tensorboard");
  holds(({ trainer }) => trainer.checkpointerConfig?.checkpointClear, undefined, true, false);
  holds(({ tasks }) => tasks.length, 1, 2, 3, 4);
  holds(
    ({ loaders, trainer }) => loaders.filter(({ split }) => split === (trainer.trainSplit ?? "train")).length,
    1,
    2,
    3,
  );
  const losses = [
    "crossEntropy",
    "weighted",
    "smoothed",
    "ofRows",
    "withProbs",
    "squaredError",
    "binaryCrossEntropy",
  ];
  holds(({ tasks }) => tasks.map(({ loss }) => loss), ...losses);
  holds(({ loaders }) => loaders.map(({ gap }) => gap.length > 0), true, false);
  holds(({ fits }) => fits, 1, 2);
});
