/** What one evaluation saw. */
export interface HistoryEntry {
  /** Points trained on so far, the step axis of the logs. */
  step: number;
  /** Batches trained on so far. */
  batch: number;
  /** Epochs trained so far, with fractions. */
  epoch: number;
  /** The rate of the next batch. */
  learningRate: number;
  /** The average over points since the evaluation before: by `task/dataset/split/loss`, and `model/all/train/loss`. */
  losses: Record<string, number>;
  /** The validation scores by `label/dataset/split/metric`. */
  scores: Record<string, number>;
}

/** What `fit` resolves to. */
export interface History {
  /** One for each evaluation, in order. */
  evaluations: HistoryEntry[];
  /** Batches trained on in all. */
  batches: number;
  /** What ended the training before its last epoch: early stopping, or a callback; null if nothing did. */
  stopped: "earlyStopping" | "callback" | null;
  /** Whether the weights are the best ones, of a checkpoint or of early stopping, rather than the last. */
  loadedBestModel: boolean;
}
