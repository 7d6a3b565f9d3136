import type { Batch } from "../data/index.ts";
import type { MultitaskClassifier, RemapLabels } from "../model/index.ts";
import { stack, type Tensor } from "../torch/index.ts";

/** The losses of one batch, whose gradients are on the parameters. */
export interface BatchGradients {
  labels: string[];
  losses: Tensor[];
  counts: number[];
}

/**
 * The half of a step that can be recorded: from a batch to its losses and the gradients of their sum. What it does
 * depends on the shapes and labels of the batch alone, never on a value in it.
 */
export function computeGradients(
  model: MultitaskClassifier,
  batch: Batch,
  remapLabels: RemapLabels,
): BatchGradients {
  const { lossDict, countDict } = model.calculateLoss(batch.xDict, batch.yDict, {
    remapLabels,
    activeCounts: batch.activeCounts,
  });
  const labels = Object.keys(lossDict);
  const losses = Object.values(lossDict);
  if (losses.length > 0) stack(losses, 0).sum().backward();
  return { labels, losses, counts: labels.map((label) => countDict[label] ?? 0) };
}
