import type { TrainerOptions } from "snorkel-torch";

export type LossName =
  | "crossEntropy"
  | "weighted"
  | "smoothed"
  | "ofRows"
  | "withProbs"
  | "squaredError"
  | "binaryCrossEntropy";

/** A stack of linear layers over one field. */
export interface TrunkDescription {
  field: string;
  sizes: number[];
  activation: "relu" | "tanh" | "gelu";
  norm: "none" | "batch" | "layer";
  dropout: number;
  isFrozen: boolean;
}

export interface TaskDescription {
  name: string;
  /** The number of its trunk. Tasks with one number share it. */
  trunk: number;
  /** Whether the head gets the dictionary of all outputs, by an operation without inputs. */
  takesAllOutputs: boolean;
  classes: number;
  loss: LossName;
  metrics: string[];
  customMetrics: string[];
}

export interface LabelDescription {
  name: string;
  /** Class numbers `[rows]`; probabilities, real numbers, or zeros and ones, `[rows, classes]`. */
  kind: "classes" | "soft" | "real" | "binary";
  classes: number;
  /** The share of rows without this label. */
  missing: number;
}

export interface LoaderDescription {
  dataset: string;
  split: string;
  rows: number;
  fields: string[];
  labels: LabelDescription[];
  /** From this row on there are so many rows without any label. */
  gap: { start: number; length: number };
  batchSize: number;
  shuffle: boolean;
  dropLast: boolean;
}

/** One run, as both sides read it: from the seed to what there is to see at the end. */
export interface ParityCase {
  name: string;
  seed: number;
  /** The width of each field. */
  fields: Record<string, number>;
  trunks: TrunkDescription[];
  tasks: TaskDescription[];
  /** The slices of a SliceAwareClassifier, whose only task is the first one; null for a MultitaskClassifier. */
  sliceNames: string[] | null;
  /** Whether Python wraps its modules in DataParallel. */
  dataparallel: boolean;
  loaders: LoaderDescription[];
  trainer: TrainerOptions;
  /** How often the one trainer fits the model. */
  fits: number;
  /** Which heads score which labels in a second look at the scores. */
  remapLabels: Record<string, string | null>;
}

/** What only this package has: how it goes about a case. */
export interface Manner {
  implementation: "foreach" | "fused";
  stepPrograms: boolean;
}

/** The names of the labels that train no task. */
export function labelsWithoutTask({ tasks, loaders }: ParityCase): string[] {
  const names = new Set(tasks.map((task) => task.name));
  const labels = loaders.flatMap((loader) => loader.labels.map((label) => label.name));
  return [...new Set(labels)].filter((label) => !names.has(label));
}

/** The loaders that a trainer trains on. */
function trainingLoaders({ loaders, trainer }: ParityCase): LoaderDescription[] {
  return loaders.filter(({ split }) => split === (trainer.trainSplit ?? "train"));
}

/** The number of batches of a loader. */
function batchesOf({ rows, batchSize, dropLast }: LoaderDescription): number {
  return dropLast ? Math.floor(rows / batchSize) : Math.ceil(rows / batchSize);
}

export function batchesPerEpoch(parityCase: ParityCase): number {
  return trainingLoaders(parityCase).reduce((sum, loader) => sum + batchesOf(loader), 0);
}
