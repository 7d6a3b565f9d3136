import {
  type Batch,
  BatchSampler,
  type DataLoader,
  DictDataLoader,
  DictDataset,
  RandomSampler,
  type Sampler,
  SequentialSampler,
  StreamDataLoader,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from "../../../lib/data/index.ts";
import { drawSeed } from "../../../lib/data/samplers.ts";
import { Generator, manualSeed, tensor } from "../../../lib/torch/index.ts";
import type { Row } from "./row.ts";

/** Batches of an epoch: the positions of each, and what was drawn after it. */
type Epoch = [number[], string][];

/** One loader of scripts/goldens/samplers.py; which options there are depends on its kind. */
export interface SamplerCase {
  kind: string;
  seed: number;
  length: number;
  generatorSeed: number | null;
  loaderSeed: number | null;
  batchSize: number;
  dropLast: boolean;
  isBatchSampler: boolean;
  replacement?: boolean;
  numSamples?: number | null;
  indices?: number[];
  weights?: number[];
  labels?: number[];
  unlabeled?: number;
  shuffleBuffer?: number;
  epochs: Epoch[];
  next: string[];
}

/** Compares which examples loaders give, and what they draw, with PyTorch: 0 where all is the same, else 1. */
export async function compareSamplers(golden: { cases: readonly unknown[] }): Promise<Row[]> {
  const rows: Row[] = [];
  for (const given of golden.cases as readonly SamplerCase[]) {
    const ours = JSON.stringify(await run(given));
    const difference = ours === JSON.stringify([given.epochs, given.next]) ? 0 : 1;
    rows.push({ part: "loader", name: nameOf(given), difference, bound: 0 });
  }
  return rows;
}

async function run(given: SamplerCase): Promise<[Epoch[], string[]]> {
  const generator = generatorOf(given.generatorSeed);
  const ofLoader = generatorOf(given.loaderSeed);
  const loader = loaderOf(given, generator, ofLoader);
  manualSeed(given.seed);
  const epochs: Epoch[] = [];
  for (const _ of given.epochs) {
    const epoch: Epoch = [];
    for await (const batch of loader) epoch.push([positionsOf(batch), String(drawSeed(null))]);
    epochs.push(epoch);
  }
  const ofSampler = ["sequential", "list", "stream"].includes(given.kind) ? null : generator;
  const generators = [ofSampler, ofLoader].filter((each) => each !== null);
  return [epochs, [null, ...generators].map((each) => String(drawSeed(each)))];
}

function positionsOf(batch: Batch): number[] {
  return batch.xDict.i as number[];
}

function loaderOf(given: SamplerCase, generator: Generator | null, ofLoader: Generator | null): DataLoader {
  const { length, batchSize, dropLast, isBatchSampler } = given;
  const positions = Array.from({ length }, (_, i) => i);
  const common = { batchSize, dropLast, generator: ofLoader };
  if (given.kind === "stream") {
    const source = () => positions.map((i) => [{ i }, {}] as const);
    const { shuffleBuffer = 0 } = given;
    return new StreamDataLoader({
      name: "d",
      split: "train",
      labelNames: [],
      source,
      shuffleBuffer,
      ...common,
    });
  }
  const yDict = { y: tensor(given.labels ?? new Array(length).fill(0), { dtype: "int64" }) };
  const dataset = new DictDataset({ name: "d", split: "train", xDict: { i: positions }, yDict });
  const sampler = samplerOf(given, dataset, generator);
  if (!isBatchSampler) return new DictDataLoader(dataset, { sampler, ...common });
  const batchSampler = new BatchSampler(sampler, batchSize, { dropLast });
  return new DictDataLoader(dataset, { batchSampler, generator: ofLoader });
}

function samplerOf(given: SamplerCase, dataset: DictDataset, generator: Generator | null): Sampler {
  const { replacement, numSamples = null, indices = [], weights = [], unlabeled } = given;
  switch (given.kind) {
    case "random":
      return new RandomSampler(dataset, { replacement, numSamples, generator });
    case "subset":
      return new SubsetRandomSampler(indices, { generator });
    case "list":
      return indices;
    case "weighted":
      return new WeightedRandomSampler(weights, numSamples ?? 1, { replacement, generator });
    case "balanced":
      return WeightedRandomSampler.balanced(dataset, "y", { unlabeled, generator });
    default:
      return new SequentialSampler(dataset);
  }
}

function generatorOf(seed: number | null): Generator | null {
  return seed === null ? null : new Generator().manualSeed(seed);
}

function nameOf({ epochs: _, next: __, weights, labels, indices, ...options }: SamplerCase): string {
  const lists = Object.entries({ weights, labels, indices }).filter(([, list]) => list !== undefined);
  const { kind, ...rest } = { ...options, ...Object.fromEntries(lists.map(([key]) => [key, "..."])) };
  return `${kind} ${JSON.stringify(rest)}`;
}
