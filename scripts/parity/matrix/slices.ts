import * as snorkel from "snorkel-torch";
import { buildScorer, buildTrunk } from "./build.ts";
import type { ParityCase } from "./case.ts";
import type { LoaderData } from "./data.ts";

/** What is used of a SliceAwareClassifier. */
interface SliceAware extends snorkel.MultitaskClassifier {
  makeSliceDataloader(
    dataset: snorkel.DictDataset,
    S: Record<string, number[]>,
    options: object,
  ): snorkel.DictDataLoader;
  scoreSlices(loaders: readonly snorkel.DictDataLoader[]): Promise<Record<string, number>>;
}

export function isSliceAware(model: snorkel.MultitaskClassifier): model is SliceAware {
  return "scoreSlices" in model;
}

/** The SliceAwareClassifier of a case over its first trunk, and its loaders with the labels of the slices. */
export function buildSliceAware(
  { trunks, tasks, sliceNames, loaders }: ParityCase,
  data: readonly LoaderData[],
): { model: SliceAware; loaders: snorkel.DictDataLoader[] } {
  const SliceAwareClassifier = Reflect.get(snorkel, "SliceAwareClassifier") as new (
    options: object,
  ) => SliceAware;
  const [trunk] = trunks;
  const [task] = tasks;
  if (trunk === undefined || task === undefined) throw new Error("[parity] expected a trunk and a task");
  const model = new SliceAwareClassifier({
    baseArchitecture: buildTrunk(trunk),
    headDim: trunk.sizes.at(-1),
    sliceNames,
    inputDataKey: trunk.field,
    taskName: task.name,
    scorer: buildScorer(task),
    device: "cpu",
  });
  const built = loaders.map(({ dataset: name, split, batchSize, shuffle, dropLast }, i) => {
    const { xDict, yDict, slices } = data[i] as LoaderData;
    const dataset = new snorkel.DictDataset({ name, split, xDict, yDict: { ...yDict } });
    const S = Object.fromEntries(
      Object.entries(slices).map(([slice, inside]) => [slice, Array.from(inside.toTypedArray(), Number)]),
    );
    return model.makeSliceDataloader(dataset, S, { batchSize, shuffle, dropLast });
  });
  return { model, loaders: built };
}
