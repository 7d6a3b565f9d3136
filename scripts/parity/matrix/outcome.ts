import type { ScoreRow, torch } from "snorkel-torch";

/** Why a run ended early: the moment and the words. */
export interface Failure {
  during: string;
  type: string;
  message: string;
}

type Scalars = Record<string, [step: number, value: number][]>;

/** What there is to see of a run, here and in Python. */
export interface Outcome {
  failure: Failure | null;
  /** How many runs of `fit` ended well. */
  fits: number;
  /** log.json; null where there is none. */
  log: Scalars | null;
  /** The scalars of the event files. */
  events: Scalars;
  /** The files in the folders of logs and of checkpoints, without extension. */
  files: string[];
  /** Trainer.metrics after each fit. */
  metrics: Record<string, number>[];
  scores: Record<string, number> | null;
  remappedScores: Record<string, number> | null;
  table: ScoreRow[] | null;
  /** Of a SliceAwareClassifier alone. */
  sliceScores: Record<string, number> | null;
  /** Whether all modules are in training mode after the last fit. */
  isTraining: boolean;
  /** The next numbers that torch's and Python's generators give. */
  drawn: [number, number];
  tensors: {
    initial: Record<string, torch.Tensor>;
    final: Record<string, torch.Tensor>;
    /** `${loader}/${label}` to what `predict` gives. */
    golds: Record<string, torch.Tensor>;
    probs: Record<string, torch.Tensor>;
    preds: Record<string, torch.Tensor>;
  };
  /** By file name without extension, what a checkpoint holds. */
  checkpoints: Record<string, Record<string, torch.Tensor>>;
}

/** What only the run in Python tells. */
export interface SnorkelOutcome extends Outcome {
  /** The batches that `fit` met: rate, mean losses and counts by label. */
  batches: {
    fit: number;
    rate: number;
    dataset: string;
    split: string;
    size: number;
    losses: Record<string, number>;
    counts: Record<string, number>;
  }[];
}
