// Training on the CPU in the way of a device, which no step waits for.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { threadOptions } from "../../lib/torch/engine/index.ts";
import { nn, setNumThreads, type Tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { optimizerNames } from "../../lib/training/trainer-config.ts";
import { assertClose, outcomeOf, type TrainingCase } from "./on-device.ts";
import { loadersOf, makeLoader, makeModel } from "./step-models.ts";

// No bias before the normalization: its gradient is what rounding leaves of zero.
const trunk = () =>
  new nn.Sequential(
    new nn.Linear(4, 8, { bias: false }),
    new nn.BatchNorm1d(8),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(8, 6),
  );
const model = () => makeModel({ trunk });

before(() => setNumThreads(1));
after(() => {
  threadOptions.asOnDevice = false;
});

async function assertSameAsOnDevice(training: TrainingCase, tolerance = 1e-5): Promise<void> {
  threadOptions.asOnDevice = false;
  const plain = await outcomeOf(training);
  threadOptions.asOnDevice = true;
  const resident = await outcomeOf(training);
  assert.deepEqual(resident.warnings, plain.warnings);
  assert.equal(resident.history.batches, plain.history.batches);
  assertClose(resident.losses, plain.losses, tolerance);
  assertClose(resident.weights, plain.weights, tolerance);
  assert.deepEqual(resident.scores, plain.scores);
}

describe("training that waits for no step comes to the same:", () => {
  for (const optimizer of optimizerNames) {
    test(optimizer, () =>
      assertSameAsOnDevice({
        model,
        loaders: loadersOf({ missing: 0.3 }),
        options: { optimizer, l2: 0.01, gradClip: 0.3 },
      }),
    );
  }

  test("the rates of a schedule", () =>
    assertSameAsOnDevice({
      model,
      loaders: loadersOf(),
      options: { lrScheduler: "linear", lrSchedulerConfig: { warmupSteps: 3 } },
    }));

  test("several loaders, evaluated within an epoch", () =>
    assertSameAsOnDevice({
      model,
      loaders: () => [
        makeLoader("train", { names: ["first"] }),
        makeLoader("train", { names: ["second"], options: { batchSize: 5 } }),
        makeLoader("valid"),
      ],
      options: { logManagerConfig: { evaluationFreq: 0.5 } },
    }));

  test("a loss that cannot be recorded for some batches", () => {
    const lossFunc = (output: Tensor, labels: Tensor) => nn.functional.crossEntropy(output, labels).mul(2);
    return assertSameAsOnDevice({
      model: () => makeModel({ trunk, tasks: { first: { lossFunc }, second: {} } }),
      loaders: loadersOf({ missing: 0.4 }),
    });
  });
});

test("a bad batch is named, and leaves the model as after the batch before it", async () => {
  threadOptions.asOnDevice = true;
  const model = makeModel();
  const loader = makeLoader("train", { options: { shuffle: false } });
  const { data } = loader.dataset.xDict as { data: Tensor };
  const options = { nEpochs: 3, progressBar: false };
  await new Trainer(options).fit(model, [loader]);
  data.select(0, 20).fill_(Number.NaN);
  const before = model.parameters().map((parameter) => parameter.detach().clone());
  await assert.rejects(
    new Trainer(options).fit(model, [loader]),
    /training stopped at batch 3 of the epoch, from points\/train: the loss of "first" is NaN/,
  );
  assert(model.parameters().every((parameter) => parameter.isfinite().all().item()));
  assert(model.parameters().some((parameter, i) => !parameter.equal(before[i] as Tensor)));
});
