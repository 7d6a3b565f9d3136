import { batchOn } from "../data/batch.ts";
import type { Batch, DataLoader } from "../data/index.ts";
import type { MultitaskClassifier, RemapLabels } from "../model/index.ts";
import type { StepKind, StepPlanner, StepPrograms } from "../steps/index.ts";
import { enterPart } from "../torch/engine/index.ts";
import { type optim, stack, type Tensor } from "../torch/index.ts";
import type { GradientAccumulation } from "./gradient-accumulation.ts";
import type { RunningLosses } from "./running-losses.ts";
import { sourceOf } from "./source.ts";
import type { LabelWeights } from "./task-weights.ts";
import { badGradient, badLoss, stopped } from "./training-stopped.ts";

interface StepOptions {
  model: MultitaskClassifier;
  remapLabels: RemapLabels;
  programs: StepPrograms;
  planner: StepPlanner;
  optimizer: optim.Optimizer;
  gradClip: number;
  accumulation: GradientAccumulation;
  weights: LabelWeights;
  losses: RunningLosses;
}

/** One step on this thread, on the `position`-th batch of its epoch. */
export function trainOn(
  given: Batch,
  loader: DataLoader,
  kind: StepKind,
  position: number,
  rates: readonly number[],
  options: StepOptions,
): void {
  const source = sourceOf(loader);
  try {
    // Before it is recorded: the inputs of a program lie where it computes.
    const batch = batchOn(given, options.model.device);
    const inputs = options.planner.inputsOf(batch);
    const losses = options.programs.run(kind, inputs, source, () => computeGradients(batch, options));
    const isUpdate = options.accumulation.isUpdate(position);
    finishStep(losses, batch.activeCounts, { rate: rates, isUpdate }, source, options);
  } catch (error) {
    options.optimizer.zeroGrad();
    throw stopped(position, source, error);
  }
}

/**
 * The half of a step that can be recorded: from a batch to its losses by label and the gradients of their weighted sum,
 * or of its share where several batches make an update. What it does depends on the shapes and labels of the batch alone,
 * never on a value in it.
 */
function computeGradients(batch: Batch, options: StepOptions): Map<string, Tensor> {
  const { model, remapLabels, weights, accumulation } = options;
  const { xDict, yDict, activeCounts } = batch;
  const { lossDict } = model.calculateLoss(xDict, yDict, { remapLabels, activeCounts });
  enterPart("the backward pass");
  const weighted = Object.entries(lossDict).map(([label, loss]) => times(loss, weights.get(label) ?? 1));
  if (weighted.length > 0) {
    const total = stack(weighted, 0).sum();
    (accumulation.steps === 1 ? total : total.div(accumulation.steps)).backward();
  }
  return new Map(Object.entries(lossDict));
}

/** A weight of 1 leaves the very same tensor, and so the steps of trainings without weights as they are. */
function times(loss: Tensor, weight: number): Tensor {
  return weight === 1 ? loss : loss.mul(weight);
}

/** The native half of a step: check, clip, update, clear. A batch without a labelled row has no gradients of its own. */
function finishStep(
  losses: ReadonlyMap<string, Tensor>,
  counts: Readonly<Record<string, number>>,
  update: { rate: readonly number[]; isUpdate: boolean },
  source: string,
  options: StepOptions,
): void {
  const { model, optimizer, gradClip, accumulation } = options;
  const { sums } = accumulation;
  if (losses.size === 0 && sums === null) return;
  const labels = [...losses.keys()];
  const outcome = optimizer.epilogue([...losses.values()], { ...update, gradClip, sums });
  if (outcome.badLoss !== null) throw badLoss(labels[outcome.badLoss], outcome.losses[outcome.badLoss]);
  if (outcome.badGradient !== null)
    throw badGradient(model, optimizer.parameters[outcome.badGradient], labels);
  for (const [i, label] of labels.entries()) {
    options.losses.add(`${label}/${source}/loss`, outcome.losses[i] ?? Number.NaN, counts[label] ?? 0);
  }
}
