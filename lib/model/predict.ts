import { checkLoader } from "../data/data-loader.ts";
import type { Batch, DataLoader, DictDataLoader } from "../data/index.ts";
import { expected, shapeText } from "../errors.ts";
import { EventLoop } from "../event-loop.ts";
import { mergeOptions } from "../options.ts";
import { type ScoringArray, toScoringArray } from "../scoring/index.ts";
import { cat, noGrad, scope, Tensor, tensor } from "../torch/index.ts";
import { inEvaluation } from "./evaluation.ts";
import { type Forward, ForwardPrograms } from "./forward-programs.ts";
import { labelsToTasks, type RemapLabels } from "./labels.ts";
import type { MultitaskClassifier } from "./multitask-classifier.ts";
import type { Task } from "./task.ts";
import { predictionsOf } from "./task-kind.ts";

/** Options of `MultitaskClassifier.predict`. */
export interface PredictOptions {
  /** Whether to give predictions too, not probabilities alone; false by default. */
  returnPreds?: boolean;
  /** Which task predicts for a set of labels, where it is not the one of the same name. */
  remapLabels?: RemapLabels;
  /** The tasks to predict for, whether the dataset has labels for them or not; by default those with labels. */
  taskNames?: readonly string[];
  /**
   * What the forward passes are done by. Default: programs that are made for this call, where they can be; null: each
   * batch by itself on the main thread.
   */
  programs?: ForwardPrograms | null;
}

/** By label; on the CPU, in the dataset's order if the loader does not shuffle. */
export interface Predictions {
  /** The labels, [rows, ...], those that are -1 too. Nothing for a task whose labels the dataset does not have. */
  golds: Record<string, Tensor>;
  /** What the task's output function gives, [rows, classes] for a classification. */
  probs: Record<string, Tensor>;
  /**
   * int64: the class of the highest probability, [rows], ties broken by the row's position; of a multi-label task 0 or 1 for
   * each label, of the shape of its probabilities. Nothing for a regression, whose values are `probs`.
   */
  preds?: Record<string, Tensor>;
}

const defaults = {
  returnPreds: false,
  remapLabels: {} as RemapLabels,
  taskNames: null as readonly string[] | null,
};

/** See MultitaskClassifier.predict. */
export async function predict(
  model: MultitaskClassifier,
  loader: DataLoader,
  options: PredictOptions = {},
): Promise<Predictions> {
  const where = "MultitaskClassifier.predict";
  checkLoader(where, "loader", loader);
  const { remapLabels = {}, programs, ...others } = options;
  const { returnPreds, taskNames } = mergeOptions(where, defaults, others);
  const matched = labelsToTasks(where, loader.dataset.labelNames, model.taskNames, remapLabels);
  const wanted = taskNames === null ? matched : onlyTasks(matched, taskNames, model);
  const gathered = await gather(model, loader, wanted, programs);
  if (!returnPreds) return gathered;
  const preds: Record<string, Tensor> = {};
  for (const [label, probs] of Object.entries(gathered.probs)) {
    const task = model.task(wanted.get(label) as string);
    if (task.kind !== "regression") preds[label] = predictedLabels(task, label, probs);
  }
  return { ...gathered, preds };
}

/** The labels of the named tasks; the task's own name where the dataset has no labels for it. */
function onlyTasks(
  matched: ReadonlyMap<string, string>,
  taskNames: readonly string[],
  model: MultitaskClassifier,
): Map<string, string> {
  const wanted = new Map<string, string>();
  for (const name of taskNames) {
    const labels = [...matched].filter(([, task]) => task === model.task(name).name);
    for (const [label, task] of labels.length > 0 ? labels : [[name, name] as const]) wanted.set(label, task);
  }
  return wanted;
}

async function gather(
  model: MultitaskClassifier,
  loader: DataLoader,
  labels: ReadonlyMap<string, string>,
  given: ForwardPrograms | null | undefined,
): Promise<{ golds: Record<string, Tensor>; probs: Record<string, Tensor> }> {
  const golds = new Map<string, Tensor[]>();
  const probs = new Map<string, Tensor[]>();
  const eventLoop = new EventLoop();
  const own = given === undefined ? new ForwardPrograms(model) : null;
  const programs = given ?? own;
  try {
    await inEvaluation("MultitaskClassifier.predict", model, async () => {
      if (programs !== null && ForwardPrograms.canRead(loader))
        return predictByPrograms(programs, model, loader, labels, golds, probs);
      for await (const batch of loader) {
        try {
          scope(() => predictBatch(model, batch, labels, golds, probs));
        } finally {
          batch.dispose();
        }
        await eventLoop.breathe();
      }
    });
    return { golds: concatenate(golds), probs: concatenate(probs) };
  } finally {
    own?.dispose();
    for (const parts of [...golds.values(), ...probs.values()]) for (const part of parts) part.dispose();
  }
}

/** What the tasks give for the fields of a batch, by label. */
function forwardOf(model: MultitaskClassifier, labels: ReadonlyMap<string, string>): Forward {
  return (xDict) => {
    const outputs = model.forward(xDict, new Set(labels.values()));
    const probs = new Map<string, Tensor>();
    for (const [label, taskName] of labels) {
      const { head, outputFunc } = model.task(taskName);
      const output = model.computation.outputs(outputFunc, outputs[head.name] as Tensor);
      if (!(output instanceof Tensor))
        throw expected("predict", "a Tensor", `the output of "${label}"`, output);
      probs.set(label, output);
    }
    return probs;
  };
}

function predictByPrograms(
  programs: ForwardPrograms,
  model: MultitaskClassifier,
  loader: DictDataLoader,
  labels: ReadonlyMap<string, string>,
  golds: Map<string, Tensor[]>,
  probs: Map<string, Tensor[]>,
): Promise<void> {
  const { yDict } = loader.dataset;
  const purpose = JSON.stringify([...labels]);
  return programs.run(loader, purpose, forwardOf(model, labels), ({ outputs, indices }) => {
    scope(() => {
      for (const [label, output] of outputs) {
        append(probs, label, output.cpu());
        const gold = yDict[label];
        if (gold === undefined) continue;
        append(golds, label, gold.indexSelect(0, tensor(indices, { device: gold.device })).cpu());
      }
    });
    for (const output of outputs.values()) output.dispose();
  });
}

function predictBatch(
  model: MultitaskClassifier,
  batch: Batch,
  labels: ReadonlyMap<string, string>,
  golds: Map<string, Tensor[]>,
  probs: Map<string, Tensor[]>,
): void {
  noGrad(() => {
    for (const [label, output] of forwardOf(model, labels)(batch.xDict)) {
      append(probs, label, output.cpu());
      const gold = batch.yDict[label];
      if (gold !== undefined) append(golds, label, gold.cpu());
    }
  });
}

function append(parts: Map<string, Tensor[]>, label: string, part: Tensor): void {
  const list = parts.get(label) ?? [];
  // A copy: the part may be a view of the dataset, which the caller disposes of by itself.
  list.push(part.clone().keep());
  parts.set(label, list);
}

function concatenate(parts: ReadonlyMap<string, Tensor[]>): Record<string, Tensor> {
  return Object.fromEntries([...parts].map(([label, list]) => [label, cat(list, 0)]));
}

function predictedLabels(task: Task, label: string, probs: Tensor): Tensor {
  const preds = predictionsOf(task, probs);
  if (preds !== undefined) return preds;
  const remedy = `Give task "${task.name}" the kind "multilabel" or "regression", or predict without returnPreds`;
  const what = "probabilities of at least two classes";
  throw expected("predict", what, `the output of "${label}"`, shapeText(probs.shape), remedy);
}

/** The elements of a tensor as the scoring functions take them. */
export function asArray(values: Tensor): ScoringArray {
  return toScoringArray(values.toTypedArray(), values.shape);
}
