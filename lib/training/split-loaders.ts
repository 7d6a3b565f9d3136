import { checkLoaders, type DataLoader } from "../data/data-loader.ts";
import { expected, unknownName } from "../errors.ts";
import type { MultitaskClassifier } from "../model/index.ts";
import { labelsToTasks, type RemapLabels } from "../model/labels.ts";
import type { TrainerConfig } from "./trainer-config.ts";

const where = "Trainer.fit";

/**
 * The loaders to train on and those to validate on, by their datasets' splits.
 * @throws TypeError for a split that is none of the configured three, or where there is none to train on.
 */
export function splitLoaders(
  config: TrainerConfig,
  loaders: readonly DataLoader[],
): { train: DataLoader[]; valid: DataLoader[] } {
  checkLoaders(where, loaders);
  const { trainSplit, validSplit, testSplit } = config;
  const splits = [trainSplit, validSplit, testSplit];
  for (const { dataset } of loaders) {
    if (splits.includes(dataset.split)) continue;
    throw unknownName(where, `the split of dataset "${dataset.name}"`, dataset.split, splits);
  }
  const train = loaders.filter((loader) => loader.dataset.split === trainSplit && loader.length > 0);
  if (train.length === 0) {
    const found = loaders.map((loader) => loader.dataset.split);
    const remedy = `Cannot find any dataloaders with split matching train split: ${trainSplit}`;
    throw expected(where, "at least one loader with batches to train on", "loaders", found, remedy);
  }
  return { train, valid: loaders.filter((loader) => loader.dataset.split === validSplit) };
}

/**
 * Checks that every label of the training loaders trains a task, so that a misspelt name is no silent loss of a task.
 * @throws TypeError for a label that matches no task, naming the nearest, unless it is remapped to null.
 */
export function checkLabels(
  model: MultitaskClassifier,
  loaders: readonly DataLoader[],
  remapLabels: RemapLabels,
): void {
  for (const { dataset } of loaders) {
    const labels = dataset.labelNames;
    const matched = labelsToTasks(where, labels, model.taskNames, remapLabels);
    for (const label of labels) {
      if (matched.has(label) || (Object.hasOwn(remapLabels, label) && remapLabels[label] === null)) continue;
      const error = unknownName(
        where,
        `label "${label}" of dataset "${dataset.name}"`,
        label,
        model.taskNames,
      );
      const end = error.message.endsWith("?") ? "" : ".";
      error.message += `${end} Rename the label, or give fit \`remapLabels\` or \`ignoreLabels\``;
      throw error;
    }
  }
}
