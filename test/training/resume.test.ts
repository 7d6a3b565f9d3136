import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { RandomSampler } from "../../lib/data/index.ts";
import { Generator, rand, setNumThreads } from "../../lib/torch/index.ts";
import { type FitContext, Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import {
  continueFrom,
  everything,
  folder,
  type Training,
  trainAborted,
  trainAlone,
  trainInTwo,
} from "./resume-runs.ts";
import { makeLoader, makeModel } from "./step-models.ts";

before(() => setNumThreads(1));

const variants: Record<string, Partial<Training> & { options?: TrainerOptions }> = {
  "loaders one after the other": { options: { batchScheduler: "sequential" } },
  "no programs": { options: { stepPrograms: false } },
  "bfloat16 with float32 masters": { options: { precision: "bf16" } },
  "SGD with momentum": { options: { optimizer: "sgd" } },
  "groups of parameters": { options: { paramGroups: [{ modules: ["trunk"], lr: 1e-3 }] } },
  "a schedule that changes its last rate": {
    options: { lrScheduler: "cosine", paramGroups: [{ modules: ["trunk"], lr: 1e-3 }] },
  },
  "a plateau": {
    options: {
      lrScheduler: "plateau",
      lrSchedulerConfig: { plateauConfig: { patience: 0, threshold: 0.1 } },
    },
  },
  "early stopping": {
    options: { earlyStopping: true, earlyStoppingConfig: { metrics: ["first/points/valid/accuracy:max"] } },
  },
  "a plain average of weights": {
    options: {
      weightAveraging: "swa",
      weightAveragingConfig: { startStep: 4, frequency: 3, updateBn: true },
    },
  },
  "updates of three batches": { options: { gradientAccumulationSteps: 3 } },
  "a sampler with a generator of its own": {
    loaders: () => {
      const loader = makeLoader("train");
      const generator = new Generator().manualSeed(5);
      const sampler = new RandomSampler(loader.dataset, { replacement: true, generator });
      return [makeLoader("train", { options: { shuffle: false, sampler } }), makeLoader("valid")];
    },
  },
};

describe("a training that is saved and continued ends to the bit as one that is left alone:", () => {
  for (const [name, count] of [
    ["onEvaluate", 1],
    ["onEvaluate", 4],
    ["onEpochEnd", 2],
    ["onEpochEnd", 4],
  ] as const) {
    test(`saved in call ${count} of ${name}`, async () => {
      assert.deepEqual(await trainInTwo(everything, name, count), await trainAlone(everything));
    });
  }

  for (const [name, { options, ...parts }] of Object.entries(variants)) {
    test(name, async () => {
      const training = { ...everything, ...parts, options: { ...everything.options, ...options } };
      assert.deepEqual(await trainInTwo(training, "onEvaluate", 3), await trainAlone(training));
    });
  }

  test("callbacks that draw, some of them after the one that saved", async () => {
    const draw = () => void rand([1]);
    for (const [name, count] of [
      ["onEvaluate", 3],
      ["onEvaluate", 6],
      ["onEpochEnd", 1],
    ] as const) {
      const withCheckpoints = (): Training => ({
        ...everything,
        options: {
          ...everything.options,
          checkpointing: true,
          checkpointerConfig: { checkpointDir: folder() },
        },
        callbacks: { onEpochEnd: draw, onCheckpoint: draw },
      });
      assert.deepEqual(await trainInTwo(withCheckpoints(), name, count), await trainAlone(withCheckpoints()));
    }
  });

  test("aborted between any two batches", async () => {
    const long = { ...everything, options: { ...everything.options, nEpochs: 12 } };
    const began = performance.now();
    const alone = await trainAlone(long);
    const half = (performance.now() - began) / 2;
    for (let i = 0; i < 20; i++) {
      const begin = performance.now();
      const outcome = await trainAborted(long, () => performance.now() - begin > (half * i) / 20);
      assert.deepEqual(outcome, alone);
    }
  });

  test("from its last checkpoint", async () => {
    const checkpointDir = folder();
    const options: TrainerOptions = {
      ...everything.options,
      checkpointing: true,
      checkpointerConfig: { checkpointDir, checkpointFactor: 2, checkpointTopK: 2 },
    };
    const training = { ...everything, options };
    const alone = await trainAlone(training);
    assert.equal(existsSync(join(checkpointDir, "trainer_state.safetensors")), false);
    const logDir = folder();
    const onEvaluate = ({ history }: FitContext) => {
      if (history.evaluations.length === 5) throw new Error("given up");
    };
    await assert.rejects(trainAlone(training, { onEvaluate }, logDir), /given up/);
    const path = join(checkpointDir, "trainer_state.safetensors");
    assert.deepEqual(await continueFrom(path, training, logDir), alone);
  });
});

test("a training that has ended ends again at once, and goes on for more epochs", async () => {
  const path = join(folder(), "end.safetensors");
  const model = makeModel();
  const loaders = [makeLoader("train")];
  const trainer = new Trainer({ progressBar: false, nEpochs: 2 });
  const history = await trainer.fit(model, loaders);
  await trainer.save(path);
  const later = new Trainer();
  await later.load(path, model);
  assert.deepEqual(await later.fit(model, loaders), history);
  await later.save(path);
  await later.load(path, model);
  later.config.nEpochs = 3;
  assert.equal((await later.fit(model, loaders)).batches, 15);
});
