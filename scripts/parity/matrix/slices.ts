import * as snorkel from "snorkel-torch";
import { buildScorer, buildTrunk } from "./build.ts";
import type { ParityCase } from "./case.ts";
import type { LoaderData } from "./data.ts";

/** The SliceAwareClassifier of a case over its first trunk, and its loaders with the labels of the slices. */
export function buildSliceAware(
  { trunks, tasks, sliceNames, loaders }: ParityCase,
  data: readonly LoaderData[],
): { model: snorkel.SliceAwareClassifier; loaders: snorkel.DictDataLoader[] } {
  const [trunk] = trunks;
  const [task] = tasks;
  if (trunk === undefined || task === undefined || sliceNames === null)
    throw new Error("[parity] expected a trunk, a task and slices");
  const model = new snorkel.SliceAwareClassifier({
    baseArchitecture: buildTrunk(trunk),
    headDim: trunk.sizes.at(-1) as number,
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
