import type { CheckpointerState, LogManagerState } from "../logging/index.ts";
import type { RemapLabels } from "../model/index.ts";
import type { Tensor } from "../torch/index.ts";
import type { EarlyStoppingState } from "./early-stopping.ts";
import type { DueCallbacks } from "./fit-callbacks.ts";
import type { History } from "./history.ts";
import type { LearningRatesState } from "./learning-rates.ts";
import type { TrainerConfig } from "./trainer-config.ts";
import type { WeightAveragingState } from "./weight-averaging.ts";

/** Where in the metadata of a file all of a training is that is no tensor. */
export const trainingKey = "snorkel_torch_trainer";

/** What a loader must have in common with that of the run which is continued. */
export interface LoaderFacts {
  name: string;
  split: string;
  batches: number | null;
}

/** What is known of a run beside its tensors. */
export interface TrainingFacts {
  loaders: LoaderFacts[];
  remapLabels: RemapLabels;
  /** The names of the optimizer's parameters, in its order. */
  parameters: string[];
  /** By module, in the model's order: whether it is in training mode. */
  modes: boolean[];
  /** Epochs that were begun and ended. */
  epoch: number;
  /** Batches of the epoch that are done. */
  position: number;
  /** The callbacks that come before the next batch. */
  due: DueCallbacks;
  checkpoint: string | null;
  history: History;
  logManager: LogManagerState;
  learningRates: LearningRatesState;
  averaging: WeightAveragingState | null;
  checkpointer: CheckpointerState | null;
  earlyStopping: EarlyStoppingState | null;
  losses: string[];
  /** The name of the run's logs; null for a run without. */
  runName: string | null;
  /** The positions of the marks whose generators are kept. */
  marks: number[];
}

/** All that is written to a file: facts, and tensors by name. */
export interface SavedTraining {
  name: string;
  config: TrainerConfig;
  metrics: Record<string, number>;
  /** Null if there was no `fit` before. */
  facts: TrainingFacts | null;
  tensors: Record<string, Tensor>;
}

/** The tensors below a name, by the rest of theirs. */
export function tensorsBelow(
  tensors: Readonly<Record<string, Tensor>>,
  prefix: string,
): Record<string, Tensor> {
  const below = Object.entries(tensors).filter(([name]) => name.startsWith(`${prefix}/`));
  return Object.fromEntries(below.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}

/** The tensors whose names are places of a list of some length; null where there is none. */
export function tensorsByPlace(
  tensors: Readonly<Record<string, Tensor>>,
  prefix: string,
  length: number,
): (Tensor | null)[] {
  return Array.from({ length }, (_, i) => tensors[`${prefix}/${i}`] ?? null);
}
