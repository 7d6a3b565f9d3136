import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import {
  type DataLoader,
  DictDataLoader,
  type Example,
  padCollate,
  StreamDataLoader,
  type StreamDataLoaderOptions,
  type StreamSource,
  seedEverything,
} from "../../lib/data/index.ts";
import type { MultitaskClassifier } from "../../lib/model/index.ts";
import { memory } from "../../lib/torch/index.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { collectedMemory } from "../collected-memory.ts";
import { pointsLoader, twoTaskModel } from "../model/models.ts";

const tasks = ["first", "second"];
const quiet: TrainerOptions = { progressBar: false, lr: 0.05, seed: 3 };
const { dataset } = pointsLoader(tasks, { length: 22 });
const batchSize = 4;
const length = 6;

/** The examples of the points, each waited for. */
async function* examples(): AsyncGenerator<Example> {
  for (let i = 0; i < dataset.length; i++) {
    await setImmediate();
    yield dataset.get(i);
  }
}

/** The batches of the points, of tensors of their own. */
function* batches(): Generator<Example> {
  for (const batch of new DictDataLoader(dataset, { batchSize })) yield batch;
}

function streamOf(
  source: (pass: { signal: AbortSignal }) => StreamSource,
  options: Partial<StreamDataLoaderOptions> = {},
): StreamDataLoader {
  return new StreamDataLoader({
    name: "points",
    split: "train",
    labelNames: tasks,
    source,
    length,
    ...options,
  });
}

function weights(model: MultitaskClassifier): number[][] {
  return Object.values(model.stateDict()).map((value) => Array.from(value.toTypedArray() as Float32Array));
}

async function train(loader: DataLoader, options: TrainerOptions = {}) {
  seedEverything(1);
  const model = twoTaskModel();
  const history = await new Trainer({ ...quiet, nEpochs: 3, ...options }).fit(model, [loader]);
  return { weights: weights(model), history };
}

describe("fit on a stream", () => {
  const loaders: Record<string, () => DataLoader> = {
    "of examples": () => streamOf(examples, { batchSize }),
    "of whole batches": () => streamOf(batches, { ownsTensors: true, prefetch: 3 }),
    "of a dataset, collated ahead": () =>
      new DictDataLoader(dataset, {
        batchSize,
        collate: async (given) => padCollate({})(given),
        prefetch: 2,
      }),
  };
  for (const [title, loader] of Object.entries(loaders)) {
    for (const batchScheduler of ["shuffled", "sequential"] as const) {
      test(`gives the weights and losses of a loader of the same batches: ${title}, ${batchScheduler}`, async () => {
        const expected = await train(new DictDataLoader(dataset, { batchSize }), { batchScheduler });
        assert.deepEqual(await train(loader(), { batchScheduler }), expected);
      });
    }
  }

  test("evaluates at the same points, which it learns batch by batch", async () => {
    const logManagerConfig = { counterUnit: "points", evaluationFreq: 9 } as const;
    const expected = await train(new DictDataLoader(dataset, { batchSize }), { logManagerConfig });
    const stream = await train(streamOf(examples, { batchSize }), { logManagerConfig });
    assert.equal(stream.history.evaluations.length, 6);
    assert.deepEqual(stream, expected);
  });

  test("needs a length", async () => {
    await assert.rejects(
      train(streamOf(examples, { batchSize, length: null })),
      /expected a number for length/,
    );
  });

  test("knows the labels before the first batch", async () => {
    const loader = streamOf(examples, { batchSize, labelNames: ["first", "secnd"] });
    await assert.rejects(train(loader), /label "secnd" of dataset "points".*Did you mean "second"/s);
  });
});

test("predict and score read a stream as any loader, without a length too", async () => {
  seedEverything(1);
  const model = twoTaskModel();
  const dictLoader = new DictDataLoader(dataset, { batchSize });
  const stream = streamOf(examples, { batchSize, length: null });
  assert.deepEqual(await model.score([stream]), await model.score([dictLoader]));
  const [ours, expected] = [await model.predict(stream), await model.predict(dictLoader)];
  for (const task of tasks) assert.deepEqual(ours.probs[task]?.tolist(), expected.probs[task]?.tolist());
});

describe("a source that fails", () => {
  async function* failing(): AsyncGenerator<Example> {
    let given = 0;
    for await (const example of examples()) {
      if (given++ === 10) throw new Error("disk gone");
      yield example;
    }
  }

  test("stops the training with the number of the batch; the model is as before it", async () => {
    seedEverything(1);
    const model = twoTaskModel();
    const trainer = new Trainer({ ...quiet, batchScheduler: "sequential" });
    await assert.rejects(
      trainer.fit(model, [streamOf(failing, { batchSize })]),
      /\[Trainer.fit\] training stopped at batch 3 of the epoch, from points\/train: .*failed at item 11: disk gone. The model is as after the batch before it/,
    );
    const two = new DictDataLoader(dataset, { batchSize, sampler: [0, 1, 2, 3, 4, 5, 6, 7] });
    assert.deepEqual(
      weights(model),
      (await train(two, { nEpochs: 1, batchScheduler: "sequential" })).weights,
    );
  });

  test("and one that ends early too", async () => {
    await assert.rejects(
      train(streamOf(examples, { batchSize, length: 7 })),
      /training stopped at batch 7 .*expected 7 batches, as its length says, for the source, got 6/,
    );
  });

  test("and a collate that throws", async () => {
    let calls = 0;
    const collate = (given: Example[]) => {
      if (++calls === 2) throw new Error("cannot join");
      return padCollate({})(given) as Example;
    };
    const loader = new DictDataLoader(dataset, { batchSize, collate });
    await assert.rejects(train(loader), /training stopped at batch 2 of the epoch: cannot join/);
  });
});

describe("training that is aborted", () => {
  test("does not wait for a source that never answers, and closes it", async () => {
    const controller = new AbortController();
    let isTold = false;
    const source = async function* ({ signal }: { signal: AbortSignal }) {
      yield* [...examplesNow()].slice(0, 4);
      await setTimeout(1e8, null, { signal, ref: false }).catch(() => {
        isTold = true;
      });
    };
    const reason = new Error("enough");
    const model = twoTaskModel();
    const fit = new Trainer(quiet).fit(model, [streamOf(source, { batchSize })], {
      signal: controller.signal,
    });
    await setTimeout(50);
    controller.abort(reason);
    await assert.rejects(fit, (error) => error === reason);
    await setImmediate();
    assert.equal(isTold, true);
  });

  test("frees the batches that were made ahead", async () => {
    seedEverything(1);
    const model = twoTaskModel();
    const controller = new AbortController();
    const before = await collectedMemory();
    let made = 0;
    const source = function* () {
      for (const batch of batches()) {
        if (++made === 5) controller.abort();
        yield batch;
      }
    };
    const loader = streamOf(source, { ownsTensors: true, prefetch: 5 });
    const fit = new Trainer(quiet).fit(model, [loader], { signal: controller.signal });
    await assert.rejects(fit, /abort/i);
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    assert.deepEqual(memory(), before);
  });

  function* examplesNow(): Generator<Example> {
    for (let i = 0; i < dataset.length; i++) yield dataset.get(i);
  }
});
