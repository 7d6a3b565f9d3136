import assert from "node:assert/strict";
import { test } from "node:test";
import {
  collateDicts,
  DictDataLoader,
  DictDataset,
  type Example,
  PythonRandom,
} from "../../lib/data/index.ts";
import { Tensor, tensor } from "../../lib/torch/index.ts";

const random = new PythonRandom(20);
const below = (limit: number) => random.randbelow(limit);
const numbers = (count: number) => Array.from({ length: count }, () => below(5) - 1);
const dtypes = ["float32", "float64", "int64", "int32", "bool"] as const;

function randomTensor(examples: number): Tensor {
  const shape = [examples, ...Array.from({ length: below(3) }, () => 1 + below(3))];
  const values = numbers(shape.reduce((product, size) => product * size, 1));
  return tensor(values, { dtype: dtypes[below(dtypes.length)] }).view(shape);
}

function randomDataset(): DictDataset {
  const examples = 1 + below(9);
  const rows = () => Array.from({ length: examples }, () => numbers(below(4)));
  const xDict = {
    tensor: randomTensor(examples),
    numbers: rows(),
    typed: rows().map((row) => Float64Array.from(row)),
    tensors: rows().map((row) => tensor(row, { dtype: "int64" })),
    text: rows().map(String),
    matrices: rows().map(() => tensor([numbers(2)])),
  };
  const yDict = { hard: tensor(numbers(examples), { dtype: "int64" }), other: randomTensor(examples) };
  return new DictDataset({ name: "d", split: "train", xDict, yDict });
}

function plain(value: unknown): unknown {
  return value instanceof Tensor ? { dtype: value.dtype, shape: value.shape, values: value.tolist() } : value;
}

function plainPair([x, y]: Example): unknown {
  return [x, y].map((dict) => Object.entries(dict).map(([name, value]) => [name, plain(value)]));
}

test("a gathered batch equals its examples, collated one by one", () => {
  for (let round = 0; round < 60; round++) {
    const dataset = randomDataset();
    const options = { batchSize: 1 + below(5), shuffle: below(2) === 1, dropLast: below(2) === 1 };
    for (const batch of new DictDataLoader(dataset, options)) {
      const examples = Array.from(batch.indices, (i) => dataset.get(i));
      assert.deepEqual(plainPair(batch), plainPair(collateDicts(examples)));
    }
  }
});

test("the count of labelled rows is that of the batch's own labels", () => {
  for (let round = 0; round < 20; round++) {
    const dataset = randomDataset();
    const gathered = new DictDataLoader(dataset, { batchSize: 3 });
    const collated = new DictDataLoader(dataset, {
      batchSize: 3,
      collate: (examples) => collateDicts(examples),
    });
    const counts = (loader: DictDataLoader) => Array.from(loader, ({ activeCounts }) => activeCounts);
    assert.deepEqual(counts(gathered), counts(collated));
  }
});
