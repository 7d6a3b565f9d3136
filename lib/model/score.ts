import { debuglog } from "node:util";
import { checkLoaders, type DataLoader, type DatasetInfo } from "../data/data-loader.ts";
import { messageOf } from "../errors.ts";
import { mergeOptions } from "../options.ts";
import { metricsToTable, type ScoreRow } from "../scoring/index.ts";
import type { ForwardPrograms } from "./forward-programs.ts";
import { labelsToTasks, type RemapLabels } from "./labels.ts";
import type { MultitaskClassifier } from "./multitask-classifier.ts";
import { asArray, type Predictions, predict } from "./predict.ts";
import { predictionsOf } from "./task-kind.ts";

const log = debuglog("snorkel-torch");

/** Options of `MultitaskClassifier.score`. */
export interface ScoreOptions {
  /** Which task's head is scored on a set of labels, where it is not the one of the same name. */
  remapLabels?: RemapLabels;
  /** Rows of a table, for `console.table`, instead of an object; false by default. */
  asTable?: boolean;
  /** What the forward passes are done by: see {@link PredictOptions}. */
  programs?: ForwardPrograms | null;
}

/** See MultitaskClassifier.score. */
export async function score(
  model: MultitaskClassifier,
  loaders: readonly DataLoader[],
  options: ScoreOptions = {},
): Promise<Record<string, number> | ScoreRow[]> {
  const where = "MultitaskClassifier.score";
  const { remapLabels = {}, programs, ...others } = options;
  const { asTable } = mergeOptions(where, { asTable: false }, others);
  checkLoaders(where, loaders);
  const scores: Record<string, number> = {};
  for (const loader of loaders) {
    const { name, split, labelNames }: DatasetInfo = loader.dataset;
    const matched = labelsToTasks(where, labelNames, model.taskNames, remapLabels);
    const extra = labelNames.filter((label) => !matched.has(label));
    if (extra.length > 0) log(`Ignoring extra labels in dataloader (${split}): ${extra.join(", ")}`);
    const predictions = await predict(model, loader, { remapLabels, programs });
    try {
      for (const [label, taskName] of matched) {
        const metrics = scoreLabel(model, taskName, label, predictions);
        for (const [metric, value] of Object.entries(metrics))
          scores[[label, name, split, metric].join("/")] = value;
      }
    } finally {
      for (const part of [predictions.golds, predictions.probs]) {
        for (const values of Object.values(part)) values.dispose();
      }
    }
  }
  return asTable ? metricsToTable(scores) : scores;
}

function scoreLabel(
  model: MultitaskClassifier,
  taskName: string,
  label: string,
  { golds, probs }: Predictions,
): Record<string, number> {
  const gold = golds[label];
  const prob = probs[label];
  // A loader without a single batch has nothing to score.
  if (gold === undefined || prob === undefined) return {};
  const task = model.task(taskName);
  const preds = predictionsOf(task, prob);
  try {
    return task.scorer.score(asArray(gold), preds && asArray(preds), asArray(prob));
  } catch (error) {
    const reason = messageOf(error);
    const what = `the scores of task "${taskName}" on label "${label}" failed`;
    throw new Error(`[MultitaskClassifier.score] ${what}: ${reason}`, { cause: error });
  } finally {
    preds?.dispose();
  }
}
