import type { XDict } from "../data/index.ts";
import { Tensor } from "../torch/index.ts";
import { maskedLoss, meanLoss, meanLossOfActive } from "./loss.ts";
import type { Task } from "./task.ts";
import { sampleWeightsOf, weightedLoss } from "./weighted-loss.ts";

/** Which rows carry a label: [rows], boolean. */
export function activeRows(labels: Tensor): Tensor {
  const given = labels.ne(-1);
  return given.shape.length > 1 ? given.flatten(1).any(1) : given;
}

/**
 * The loss of a task on a batch, a scalar.
 * @param batch - which rows are labelled, how many these are, and the fields, one of which may hold weights
 */
export function taskLoss(
  task: Task,
  output: unknown,
  labels: Tensor,
  { active, count, fields }: { active: Tensor; count: number; fields: XDict },
): Tensor {
  const { lossFunc, classWeights, sampleWeights } = task;
  if (classWeights !== null || sampleWeights !== null) {
    const rows = labels.shape[0] ?? 0;
    const weights = sampleWeights === null ? null : sampleWeightsOf(task, fields[sampleWeights], rows);
    return weightedLoss(task, output as Tensor, labels, active, weights);
  }
  const isPartial = output instanceof Tensor && count < (labels.shape[0] ?? 0);
  if (!isPartial) return meanLoss(lossFunc, output as Tensor, labels);
  const masked = maskedLoss(lossFunc, output, labels, active);
  return masked ?? meanLossOfActive(lossFunc, output, labels, active);
}
