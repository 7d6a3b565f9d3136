import type { XDict } from "../data/index.ts";
import { Tensor } from "../torch/index.ts";
import { lossOfEntries, maskedLoss, meanLoss, meanLossOfActive } from "./loss.ts";
import type { Task } from "./task.ts";
import { fittedLabels } from "./task-kind.ts";
import { sampleWeightsOf, weightedLoss } from "./weighted-loss.ts";

/** Which rows carry a label: [rows], boolean. */
export function activeRows(labels: Tensor): Tensor {
  const given = labels.ne(-1);
  return given.shape.length > 1 ? given.flatten(1).any(1) : given;
}

/**
 * The mean loss of a task over the labels that are there, a scalar.
 *
 * @param batch - which rows carry a label, [rows], boolean, how many they are, at least one, and the fields, one of which
 *   may hold weights
 */
export function taskLoss(
  task: Task,
  output: unknown,
  labels: Tensor,
  { active, count, fields }: { active: Tensor; count: number; fields: XDict },
): Tensor {
  const { kind, lossFunc, lossModule, classWeights, sampleWeights } = task;
  const fitted = fittedLabels(kind, output, labels);
  const rows = labels.shape[0] ?? 0;
  if (classWeights !== null || sampleWeights !== null) {
    const weights = sampleWeights === null ? null : sampleWeightsOf(task, fields[sampleWeights], rows);
    return weightedLoss(task, output as Tensor, fitted, active, weights);
  }
  const isPartial = count < rows;
  const hasSeveral = labels.shape.slice(1).some((length) => length > 1);
  if (!(output instanceof Tensor) || !(isPartial || hasSeveral))
    return meanLoss(lossFunc, output as Tensor, fitted);
  const ofEntries = lossOfEntries(lossFunc, lossModule, output, fitted);
  if (ofEntries !== null) return ofEntries;
  if (!isPartial) return meanLoss(lossFunc, output, fitted);
  const masked = maskedLoss(lossFunc, output, fitted, active);
  return masked ?? meanLossOfActive(lossFunc, output, fitted, active);
}
