// Training on a CUDA device beside training on the CPU.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DictDataLoader, DictDataset, RaggedField } from "../../lib/data/index.ts";
import { torch } from "../../lib/index.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { optimizerNames } from "../../lib/training/trainer-config.ts";
import { assertClose, outcomeOf, type TrainingCase } from "../training/on-device.ts";
import { loadersOf, makeLoader, makeModel } from "../training/step-models.ts";
import { inThatWay, skip, ways } from "./device.ts";

const { nn } = torch;
type Tensor = torch.Tensor;

type Shape = NonNullable<Parameters<typeof makeModel>[0]>;

// No bias before the normalization: its gradient is what rounding leaves of zero.
const withoutDropout = () =>
  new nn.Sequential(
    new nn.Linear(4, 8, { bias: false }),
    new nn.BatchNorm1d(8),
    new nn.ReLU(),
    new nn.Linear(8, 6),
  );

/** The same training on both, and in each way on the device. */
async function assertLikeCpu(
  shape: Shape,
  { loaders, options }: Omit<TrainingCase, "model">,
  tolerance = 2e-3,
): Promise<void> {
  const on = (device: string): TrainingCase => ({
    model: () => makeModel({ trunk: withoutDropout, ...shape, device }),
    loaders,
    ...(options ? { options } : {}),
  });
  const cpu = await outcomeOf(on("cpu"));
  for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
    const device = await inThatWay(way, () => outcomeOf(on("cuda")));
    assert.deepEqual(device.warnings, [], way);
    assert.equal(device.history.batches, cpu.history.batches);
    assertClose(device.losses, cpu.losses, tolerance);
    assertClose(device.weights, cpu.weights, tolerance);
  }
}

describe("training on a CUDA device comes to what it does on the CPU:", { skip }, () => {
  for (const optimizer of optimizerNames) {
    for (const implementation of ["fused", "foreach"] as const) {
      test(`${optimizer}, ${implementation}`, () =>
        assertLikeCpu(
          {},
          {
            loaders: loadersOf(),
            options: { optimizer, optimizerConfig: { implementation }, l2: 0.01, gradClip: 0.3 },
          },
        ));
    }
  }

  test("some labels missing", () => assertLikeCpu({}, { loaders: loadersOf({ missing: 0.3 }) }));

  test("a schedule of rates, several loaders, evaluations within an epoch", () =>
    assertLikeCpu(
      {},
      {
        loaders: () => [
          makeLoader("train", { names: ["first"] }),
          makeLoader("train", { names: ["second"], options: { batchSize: 5 } }),
          makeLoader("valid"),
        ],
        options: {
          lrScheduler: "linear",
          lrSchedulerConfig: { warmupSteps: 3 },
          logManagerConfig: { evaluationFreq: 0.5 },
        },
      },
    ));

  test("convolutions", () => {
    const trunk = () =>
      new nn.Sequential(
        new nn.Conv2d(1, 4, 3),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(4 * 9, 6),
      );
    const xDict = () => ({ data: torch.randn([37, 1, 8, 8]) });
    return assertLikeCpu({ trunk }, { loaders: loadersOf({ xDict }) }, 1e-2);
  });

  test("ragged fields", () => {
    const trunk = () => new nn.EmbeddingBag(20, 6, { paddingIdx: 0 });
    const lengths = Array.from({ length: 37 }, (_, i) => 1 + (i % 9));
    const rows = lengths.map((length, i) => Array.from({ length }, (_, k) => 1 + ((i * 7 + k * 5) % 19)));
    const xDict = () => ({ data: RaggedField.from(rows, { dtype: "int64", padToMultipleOf: 4 }) });
    return assertLikeCpu({ trunk }, { loaders: loadersOf({ xDict }) });
  });

  test("precision bf16-mixed", () =>
    assertLikeCpu({}, { loaders: loadersOf(), options: { precision: "bf16-mixed" } }, 0.1));
});

describe("on a CUDA device", { skip }, () => {
  const trainings: Record<string, TrainerOptions> = {
    adam: { optimizer: "adam", gradClip: 0.3 },
    "without clipping": { optimizer: "sgd" },
    nadam: { optimizer: "nadam" },
  };
  for (const [name, options] of Object.entries(trainings)) {
    test(`graphs do what streams do, dropout included, to the bit: ${name}`, async () => {
      const training = { model: () => makeModel({ device: "cuda" }), loaders: loadersOf(), options };
      const [graphs, streams] = [
        await inThatWay("by graphs", () => outcomeOf(training)),
        await inThatWay("by streams", () => outcomeOf(training)),
      ];
      assert.deepEqual(graphs.weights, streams.weights);
      assert.deepEqual(graphs.losses, streams.losses);
    });
  }

  test("steps by programs come to what steps one by one do", async () => {
    const training = (stepPrograms: boolean) => ({
      model: () => makeModel({ device: "cuda", trunk: withoutDropout }),
      loaders: loadersOf({ missing: 0.2 }),
      options: { stepPrograms },
    });
    const eager = await outcomeOf(training(false));
    const programs = await outcomeOf(training(true));
    assertClose(programs.weights, eager.weights, 1e-4);
    assertClose(programs.losses, eager.losses, 1e-4);
  });

  test("a bad batch is named, and the weights stay finite", async () => {
    const model = makeModel({ device: "cuda", trunk: withoutDropout });
    const loader = makeLoader("train", { options: { shuffle: false } });
    const { data } = loader.dataset.xDict as { data: Tensor };
    data.select(0, 20).fill_(Number.NaN);
    await assert.rejects(
      new Trainer({ nEpochs: 3, progressBar: false }).fit(model, [loader]),
      /training stopped at batch 3 of the epoch, from points\/train: the loss of "first" is NaN/,
    );
    assert(model.parameters().every((parameter) => parameter.isfinite().all().item()));
  });

  test("an abort ends a training between two batches", async () => {
    const model = makeModel({ device: "cuda" });
    const controller = new AbortController();
    const options = { nEpochs: 100_000, progressBar: false };
    const fitting = new Trainer(options).fit(model, loadersOf()(), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 500);
    await assert.rejects(fitting, /enough/);
    assert(model.parameters().every((parameter) => parameter.isfinite().all().item()));
  });

  test("predictions are those of the CPU", async () => {
    const x = torch.randn([1000, 4]);
    const labels = torch.zeros([1000], { dtype: "int64" });
    const probs = await Promise.all(
      ["cpu", "cuda"].map(async (device) => {
        torch.manualSeed(5);
        const model = makeModel({ device, tasks: { first: {} } });
        const dataset = new DictDataset({
          name: "points",
          split: "test",
          xDict: { data: x },
          yDict: { first: labels },
        });
        const predicted = await model.predict(new DictDataLoader(dataset, { batchSize: 64 }));
        return Array.from((predicted.probs.first as Tensor).cpu().toTypedArray() as Float32Array);
      }),
    );
    assertClose(probs[1] as number[], probs[0] as number[], 1e-4);
  });
});
