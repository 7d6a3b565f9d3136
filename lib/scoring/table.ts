import { expected } from "../errors.ts";

/** One score, with the parts of its key. */
export interface ScoreRow {
  label: string;
  dataset: string;
  split: string;
  metric: string;
  score: number;
}

/**
 * Turns scores by key, as `MultitaskClassifier.score` gives them, into rows, which `console.table` prints.
 *
 * @param metrics scores by `label/dataset/split/metric`.
 * @throws TypeError for a key that has not four parts.
 * @see snorkel.classification.utils.metrics_dict_to_dataframe
 */
export function metricsToTable(metrics: Record<string, number>): ScoreRow[] {
  return Object.entries(metrics).map(([key, score]) => {
    const [label, dataset, split, metric, ...more] = key.split("/");
    if (
      label === undefined ||
      dataset === undefined ||
      split === undefined ||
      metric === undefined ||
      more.length > 0
    )
      throw expected("metricsToTable", "keys of the form label/dataset/split/metric", "metrics", key);
    return { label, dataset, split, metric, score };
  });
}
