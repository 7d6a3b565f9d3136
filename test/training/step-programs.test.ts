import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  BucketBatchSampler,
  type DataLoader,
  DictDataLoader,
  DictDataset,
  type Example,
  type Field,
  RaggedField,
  StreamDataLoader,
} from "../../lib/data/index.ts";
import { crossEntropyWithProbs, MultitaskClassifier, Operation, Task, type TaskOptions } from "../../lib/model/index.ts";
import { Scorer } from "../../lib/scoring/index.ts";
import { nn, rand, randn, setNumThreads, type Tensor, tensor, where } from "../../lib/torch/index.ts";
import { type LRSchedulerName, Trainer, type TrainerOptions } from "../../lib/training/index.ts";
import { optimizerNames } from "../../lib/training/trainer-config.ts";
import { lrSchedulerNames } from "../../lib/training/lr-scheduler-config.ts";
import { assertSameBothWays } from "./both-ways.ts";

before(() => setNumThreads(1));

const rows = 37; // the last batch is smaller

interface Shape {
  tasks?: Record<string, Partial<TaskOptions>>;
  trunk?: () => nn.Module;
}

/** Tasks on one trunk over the field `data`. */
function makeModel({ tasks = { first: {}, second: {} }, trunk = perceptron }: Shape = {}): MultitaskClassifier {
  const shared = trunk();
  const made = Object.entries(tasks).map(
    ([name, options]) =>
      new Task({
        name,
        modulePool: { trunk: shared, [`${name}_head`]: new nn.Linear(6, 3) },
        opSequence: [
          new Operation({ moduleName: "trunk", inputs: [["_input_", "data"]] }),
          new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
        ],
        ...options,
      }),
  );
  return new MultitaskClassifier(made, { device: "cpu" });
}

const perceptron = () =>
  new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.ReLU(), new nn.Dropout(0.2), new nn.Linear(8, 6));

/** Of each label, a share is missing. */
function classes(missing: number): Tensor {
  const labels = rand([rows]).mul(3).floor().to("int64");
  return missing === 0 ? labels : where(rand([rows]).lt(missing), tensor(-1n), labels);
}

interface Data {
  xDict?: () => Record<string, Field>;
  missing?: number;
  labels?: (missing: number) => Tensor;
  names?: readonly string[];
  options?: object;
}

function makeLoader(split: string, data: Data = {}): DictDataLoader {
  const { xDict = () => ({ data: randn([rows, 4]) }), missing = 0, labels = classes, names = ["first", "second"] } = data;
  const yDict = Object.fromEntries(names.map((name) => [name, labels(missing)]));
  const dataset = new DictDataset({ name: "points", split, xDict: xDict(), yDict });
  return new DictDataLoader(dataset, { batchSize: 8, shuffle: split === "train", ...data.options });
}

const loadersOf = (data?: Data) => () => [makeLoader("train", data), makeLoader("valid", data)];

describe("training by programs is training without, to the bit:", () => {
  for (const optimizer of optimizerNames) {
    for (const implementation of ["fused", "foreach"] as const) {
      test(`${optimizer}, ${implementation}`, async () => {
        const options: TrainerOptions = { optimizer, optimizerConfig: { implementation }, l2: 0.01, gradClip: 0.3 };
        const { warnings } = await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options });
        assert.deepEqual(warnings, []);
      });
    }
  }

  for (const lrScheduler of lrSchedulerNames) {
    test(`the rates of "${lrScheduler}"`, async () => {
      const options: TrainerOptions = { lrScheduler, ...schedules[lrScheduler] };
      await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options });
    });
  }
  const schedules: Partial<Record<LRSchedulerName, TrainerOptions>> = {
    linear: { lrSchedulerConfig: { warmupSteps: 3 } },
    plateau: { lrSchedulerConfig: { plateauConfig: { metric: "model/all/train/loss", patience: 0 } } },
  };

  for (const precision of ["float64", "bf16", "bf16-mixed"] as const) {
    test(`precision ${precision}`, async () => {
      await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options: { precision } });
    });
  }

  for (const missing of [0.3, 0.9, 1]) {
    test(`${missing * 100} percent of the labels missing`, async () => {
      const { warnings } = await assertSameBothWays({ model: makeModel, loaders: loadersOf({ missing }) });
      assert.deepEqual(warnings, []);
    });
  }

  test("labels that are probabilities, some rows without", async () => {
    const labels = (missing: number) =>
      where(rand([rows, 1]).lt(missing), tensor(-1), randn([rows, 3]).softmax(1));
    const options = { lossFunc: crossEntropyWithProbs, scorer: new Scorer({ metrics: [] }) };
    const model = () => makeModel({ tasks: { first: options, second: options } });
    const loaders = () => [makeLoader("train", { labels, missing: 0.4 })];
    const { warnings } = await assertSameBothWays({ model, loaders });
    assert.deepEqual(warnings, []);
  });

  test("a loss of one value a row, some rows without a label", async () => {
    const lossFunc = (output: Tensor, labels: Tensor) =>
      nn.functional.crossEntropy(output, labels, { reduction: "none" }).mul(2);
    const model = () => makeModel({ tasks: { first: { lossFunc }, second: {} } });
    const { warnings } = await assertSameBothWays({ model, loaders: loadersOf({ missing: 0.4 }) });
    assert.deepEqual(warnings, []);
  });

  test("a loss of one value runs on the main thread where rows are without a label", async () => {
    const lossFunc = (output: Tensor, labels: Tensor) => nn.functional.crossEntropy(output, labels).mul(2);
    const model = () => makeModel({ tasks: { first: { lossFunc }, second: {} } });
    const { warnings } = await assertSameBothWays({ model, loaders: loadersOf({ missing: 0.4 }) });
    assert.match(warnings.join(), /points\/train .*cannot be recorded: aten::nonzero .*shape depends on values/);
  });

  test("several loaders, in either order", async () => {
    const loaders = () => [
      makeLoader("train", { names: ["first"] }),
      makeLoader("train", { names: ["second"], options: { batchSize: 5 } }),
      makeLoader("train", { missing: 0.2 }),
    ];
    for (const batchScheduler of ["shuffled", "sequential"] as const)
      await assertSameBothWays({ model: makeModel, loaders, options: { batchScheduler } });
  });

  test("averages of the weights", async () => {
    for (const weightAveraging of ["ema", "swa"] as const) {
      const weightAveragingConfig = { frequency: 3, startStep: 4, updateBn: true };
      const options: TrainerOptions = { weightAveraging, weightAveragingConfig };
      await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options });
    }
  });

  test("groups of parameters, frozen ones too", async () => {
    const paramGroups = [{ modules: ["trunk"], lr: 1e-3 }, { modules: ["first_head"], frozen: true }];
    await assertSameBothWays({ model: makeModel, loaders: loadersOf(), options: { paramGroups } });
  });

  test("evaluations at any batch", async () => {
    for (const [counterUnit, evaluationFreq] of [["batches", 1], ["points", 20], ["epochs", 0.3]] as const) {
      const options: TrainerOptions = { logManagerConfig: { counterUnit, evaluationFreq } };
      await assertSameBothWays({ model: makeModel, loaders: loadersOf({ missing: 0.2 }), options });
    }
  });
});

describe("batches of other kinds give the same by programs:", () => {
  class Bag extends nn.Module {
    embedding = new nn.Embedding(11, 6, { paddingIdx: 0 });
    override forward(tokens: Tensor): Tensor {
      return this.embedding.forward(tokens).sum(1);
    }
  }
  const tokens = () => ({
    data: RaggedField.from(
      Array.from({ length: rows }, (_, i) => BigInt64Array.from({ length: 1 + ((i * 7) % 9) }, (_, k) => BigInt(1 + ((i + k) % 10)))),
      { padToMultipleOf: 4, mask: true, lengths: true },
    ),
  });

  test("rows of different lengths", async () => {
    const { warnings } = await assertSameBothWays({
      model: () => makeModel({ trunk: () => new Bag() }),
      loaders: loadersOf({ xDict: tokens }),
    });
    assert.deepEqual(warnings, []);
  });

  test("buckets of lengths", async () => {
    const loaders = () => {
      const { dataset } = makeLoader("train", { xDict: tokens });
      const batchSampler = new BucketBatchSampler(dataset.xDict.data as RaggedField, 8, { buckets: [4, 8] });
      return [new DictDataLoader(dataset, { batchSampler })];
    };
    await assertSameBothWays({ model: () => makeModel({ trunk: () => new Bag() }), loaders });
  });

  test("a collate of one's own, which draws random numbers", async () => {
    const collate = (examples: Example[]): Example => {
      const data = examples.map(([x]) => x.data as Tensor);
      const first = examples.map(([, y]) => y.first as Tensor);
      const noise = randn([examples.length, 4]).mul(0.1);
      return [{ data: nn.utils.rnn.padSequence(data, { batchFirst: true }).add(noise) }, { first: stackAll(first) }];
    };
    const loaders = () => [makeLoader("train", { names: ["first"], options: { collate } })];
    const { warnings } = await assertSameBothWays({ model: makeModel, loaders });
    assert.deepEqual(warnings, []);
  });

  test("streams", async () => {
    const loaders = (): DataLoader[] => {
      const { dataset } = makeLoader("train", { missing: 0.2 });
      async function* source() {
        for (let i = 0; i < rows; i++) yield dataset.get(i);
      }
      const labelNames = ["first", "second"];
      const length = Math.ceil(rows / 8);
      return [new StreamDataLoader({ name: "stream", split: "train", labelNames, source, batchSize: 8, length })];
    };
    await assertSameBothWays({ model: makeModel, loaders });
  });

  test("fields that are no tensors run on the main thread", async () => {
    class Words extends nn.Module {
      weight = new nn.Parameter(randn([6]));
      override forward(words: string[]): Tensor {
        return stackAll(words.map((word) => this.weight.mul(word.length)));
      }
    }
    const xDict = () => ({ data: Array.from({ length: rows }, (_, i) => "word".repeat(1 + (i % 3))) });
    const { warnings } = await assertSameBothWays({
      model: () => makeModel({ trunk: () => new Words() }),
      loaders: loadersOf({ xDict }),
    });
    assert.match(warnings.join(), /"x\.data" of a batch is no tensor/);
  });
});

describe("a step that cannot be recorded runs on the main thread, and one warning says why:", () => {
  const cases: Record<string, [make: () => nn.Module, reason: RegExp]> = {
    "it reads a value": [() => new Reading(), /the values of a tensor are read/],
    "it draws from Math.random": [() => new Drawing(), /has other arguments/],
    "its shapes depend on values": [() => new Selecting(), /aten::\w+ .*shape depends on values/],
  };
  class Reading extends nn.Module {
    linear = new nn.Linear(4, 6);
    override forward(x: Tensor): Tensor {
      return this.linear.forward(x).mul(x.sum().item() > 0 ? 1 : 2);
    }
  }
  class Drawing extends nn.Module {
    linear = new nn.Linear(4, 6);
    #state = 1;
    override forward(x: Tensor): Tensor {
      this.#state = (this.#state * 16807) % 2147483647;
      return this.linear.forward(x).mul(this.#state / 2147483647);
    }
  }
  class Selecting extends nn.Module {
    linear = new nn.Linear(4, 6);
    override forward(x: Tensor): Tensor {
      return this.linear.forward(x).add(x.maskedSelect(x.gt(0)).mean());
    }
  }
  for (const [name, [trunk, reason]] of Object.entries(cases)) {
    test(name, async () => {
      const { warnings } = await assertSameBothWays({ model: () => makeModel({ trunk }), loaders: loadersOf() });
      assert.equal(warnings.filter((text) => text.includes("Trainer.fit")).length, 1);
      assert.match(warnings.join(), reason);
    });
  }

  test("there are too many kinds of batches", async () => {
    const lengths = Array.from({ length: 160 }, (_, i) => new Float32Array(1 + (i >> 1)).fill(1));
    const xDict = { data: RaggedField.from(lengths) };
    const yDict = { first: tensor(lengths.map((_, i) => BigInt(i % 3))) };
    class Sum extends nn.Module {
      weight = new nn.Parameter(tensor([1, 2, 3, 4, 5, 6]));
      override forward(x: Tensor): Tensor {
        return x.mean(1, true).mul(this.weight);
      }
    }
    const dataset = new DictDataset({ name: "points", split: "train", xDict, yDict });
    const { warnings } = await assertSameBothWays({
      model: () => makeModel({ tasks: { first: {} }, trunk: () => new Sum() }),
      loaders: () => [new DictDataLoader(dataset, { batchSize: 2 })],
    });
    assert.match(warnings.join(), /more than 64 kinds of batches.*padToMultipleOf/);
  });
});

test("JavaScript runs for the first two batches of a kind alone", async () => {
  let calls = 0;
  class Counting extends nn.Module {
    linear = new nn.Linear(4, 6);
    override forward(x: Tensor): Tensor {
      calls += 1;
      if (calls > 4) throw new Error("not any more");
      return this.linear.forward(x);
    }
  }
  const model = makeModel({ trunk: () => new Counting() });
  await new Trainer({ progressBar: false, nEpochs: 5 }).fit(model, [makeLoader("train")]);
  assert.equal(calls, 4); // two kinds: the last batch is smaller
});

test("a loss that is not finite stops a program's training at its batch, which changes nothing", async () => {
  const points = randn([40, 4]);
  points.select(0, 35).fill_(Number.NaN);
  const model = () => makeModel({ tasks: { first: {} }, trunk: () => new nn.Linear(4, 6) });
  const labels = classes(0).narrow(0, 0, 10).repeat([4]);
  const dataset = new DictDataset({ name: "points", split: "train", xDict: { data: points }, yDict: { first: labels } });
  const outcomes = await Promise.all(
    [true, false].map(async (stepPrograms) => {
      const trained = model();
      const trainer = new Trainer({ progressBar: false, seed: 2, stepPrograms });
      trained.loadStateDict(start);
      const error = await trainer.fit(trained, [new DictDataLoader(dataset, { batchSize: 5 })]).catch(String);
      return { error, weights: trained.parameters().map((parameter) => parameter.tolist()) };
    }),
  );
  assert.match(String(outcomes[0]?.error), /batch 8 of the epoch.*the loss of "first" is NaN/);
  assert.deepEqual(outcomes[0], outcomes[1]);
});
const start = makeModel({ tasks: { first: {} }, trunk: () => new nn.Linear(4, 6) }).stateDict();

test("model.program lists the instructions of a step, and leaves no trace", () => {
  const model = makeModel();
  const before = model.modulePool.stateDict();
  const values = Object.values(before).map((value) => value.tolist());
  const text = String(model.program({ data: randn([8, 4]) }, { first: tensor([0n, 1n, 2n, 0n, 1n, 2n, 0n, -1n]) }));
  assert.match(text, /^input %0: float32 \[8, 4\]/);
  assert.match(text, /aten::addmm/);
  assert.match(text, /aten::native_batch_norm/);
  assert.deepEqual(Object.values(model.modulePool.stateDict()).map((value) => value.tolist()), values);
  assert.ok(model.parameters().every(({ grad }) => grad === null));
});

function stackAll(tensors: readonly Tensor[]): Tensor {
  return nn.utils.rnn.padSequence(tensors.map((one) => one.unsqueeze(0)), { batchFirst: true }).squeeze(1);
}
