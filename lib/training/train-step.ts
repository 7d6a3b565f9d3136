import { batchOn } from "../data/batch.ts";
import type { Batch, DataLoader } from "../data/index.ts";
import type { MultitaskClassifier, RemapLabels } from "../model/index.ts";
import type { StepKind, StepPlanner, StepPrograms } from "../steps/index.ts";
import { enterPart } from "../torch/engine/index.ts";
import { type optim, stack, type Tensor } from "../torch/index.ts";
import type { RunningLosses } from "./running-losses.ts";
import { sourceOf } from "./source.ts";
import { badGradient, badLoss, stopped } from "./training-stopped.ts";

interface StepOptions {
  model: MultitaskClassifier;
  remapLabels: RemapLabels;
  programs: StepPrograms;
  planner: StepPlanner;
  optimizer: optim.Optimizer;
  gradClip: number;
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
    finishStep(losses, batch.activeCounts, rates, source, options);
  } catch (error) {
    options.optimizer.zeroGrad();
    throw stopped(position, source, error);
  }
}

/**
 * The half of a step that can be recorded: from a batch to its losses by label and the gradients of their sum. What it
 * does depends on the shapes and labels of the batch alone, never on a value in it.
 */
function computeGradients(batch: Batch, { model, remapLabels }: StepOptions): Map<string, Tensor> {
  const { xDict, yDict, activeCounts } = batch;
  const { lossDict } = model.calculateLoss(xDict, yDict, { remapLabels, activeCounts });
  const losses = Object.values(lossDict);
  enterPart("the backward pass");
  if (losses.length > 0) stack(losses, 0).sum().backward();
  return new Map(Object.entries(lossDict));
}

/** The native half of a step: check, clip, update, clear. A batch without a labelled row changes nothing. */
function finishStep(
  losses: ReadonlyMap<string, Tensor>,
  counts: Readonly<Record<string, number>>,
  rate: readonly number[],
  source: string,
  options: StepOptions,
): void {
  if (losses.size === 0) return;
  const { model, optimizer, gradClip } = options;
  const labels = [...losses.keys()];
  const outcome = optimizer.epilogue([...losses.values()], { rate, gradClip });
  if (outcome.badLoss !== null) throw badLoss(labels[outcome.badLoss], outcome.losses[outcome.badLoss]);
  if (outcome.badGradient !== null)
    throw badGradient(model, optimizer.parameters[outcome.badGradient], labels);
  for (const [i, label] of labels.entries()) {
    options.losses.add(`${label}/${source}/loss`, outcome.losses[i] ?? Number.NaN, counts[label] ?? 0);
  }
}
