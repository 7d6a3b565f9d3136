import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  BucketBatchSampler,
  type DataLoader,
  DictDataLoader,
  type Example,
  RaggedField,
  StreamDataLoader,
} from "../../lib/data/index.ts";
import { nn, randn, setNumThreads, type Tensor } from "../../lib/torch/index.ts";
import { assertSameBothWays } from "./both-ways.ts";
import { loadersOf, makeLoader, makeModel, rows, stackAll } from "./step-models.ts";

before(() => setNumThreads(1));

describe("batches of other kinds give the same by programs:", () => {
  class Bag extends nn.Module {
    embedding = new nn.Embedding(11, 6, { paddingIdx: 0 });
    override forward(tokens: Tensor): Tensor {
      return this.embedding.forward(tokens).sum(1);
    }
  }
  const tokens = () => ({
    data: RaggedField.from(
      Array.from({ length: rows }, (_, i) =>
        BigInt64Array.from({ length: 1 + ((i * 7) % 9) }, (_, k) => BigInt(1 + ((i + k) % 10))),
      ),
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

  // Long enough to be gathered ahead, by a second thread.
  test("long examples, of loaders that take turns", async () => {
    const width = 1 << 16;
    class FirstValues extends nn.Module {
      hidden = new nn.Linear(4, 6);
      override forward(data: Tensor): Tensor {
        return this.hidden.forward(data.narrow(1, 0, 4));
      }
    }
    const long = () => ({ data: randn([rows, width]) });
    const lengths = () => ({
      data: RaggedField.from(
        Array.from({ length: rows }, (_, i) => new Float32Array(width - i).fill(Math.sin(i))),
        { padTo: [width] },
      ),
    });
    const { warnings } = await assertSameBothWays({
      model: () => makeModel({ trunk: () => new FirstValues() }),
      loaders: () => [
        makeLoader("train", { xDict: long }),
        makeLoader("train", { xDict: lengths, missing: 0.2 }),
        makeLoader("valid", { xDict: long }),
      ],
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
      return [
        { data: nn.utils.rnn.padSequence(data, { batchFirst: true }).add(noise) },
        { first: stackAll(first) },
      ];
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
      return [
        new StreamDataLoader({ name: "stream", split: "train", labelNames, source, batchSize: 8, length }),
      ];
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
