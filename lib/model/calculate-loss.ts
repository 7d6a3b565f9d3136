import type { XDict, YDict } from "../data/index.ts";
import { expected, messageOf } from "../errors.ts";
import { enterPart } from "../torch/engine/index.ts";
import { nn, Tensor } from "../torch/index.ts";
import { labelsToTasks, type RemapLabels } from "./labels.ts";
import type { MultitaskClassifier } from "./multitask-classifier.ts";
import type { Task } from "./task.ts";
import { activeRows, taskLoss } from "./task-loss.ts";

/** The losses of one batch. A label without a labelled row is in neither. */
export interface BatchLoss {
  /** The mean loss over the labelled rows, a scalar, by label. */
  lossDict: Record<string, Tensor>;
  /** How many rows are labelled, by label. */
  countDict: Record<string, number>;
}

/** Options of {@link MultitaskClassifier.calculateLoss}. */
export interface LossOptions {
  /** Which task a set of labels belongs to, where it is not the one of the same name; null for none. */
  remapLabels?: RemapLabels;
  /** How many rows are labelled, by label, where that is known; counted otherwise. */
  activeCounts?: Readonly<Record<string, number>>;
}

/** See MultitaskClassifier.calculateLoss. */
export function calculateLoss(
  model: MultitaskClassifier,
  xDict: XDict,
  yDict: YDict,
  options: LossOptions,
): BatchLoss {
  const { remapLabels, activeCounts } = options;
  const where = "MultitaskClassifier.calculateLoss";
  const matched = labelsToTasks(where, Object.keys(yDict), model.taskNames, remapLabels);
  const outputs = model.forward(xDict, matched.values());
  const lossDict: Record<string, Tensor> = {};
  const countDict: Record<string, number> = {};
  for (const [label, taskName] of matched) {
    const task = model.task(taskName);
    const given: unknown = yDict[label];
    if (!(given instanceof Tensor)) throw expected(where, "a Tensor", `yDict["${label}"]`, given);
    const labels = model.computation.labels(given.to({ device: model.device }));
    checkClasses(where, task, label, labels);
    const active = activeRows(labels);
    const count = activeCounts?.[label] ?? active.sum().item();
    if (count === 0) continue;
    countDict[label] = count;
    enterPart(`the loss of task "${taskName}"`);
    try {
      const output = model.computation.lossInput(outputs[task.head.name]);
      lossDict[label] = taskLoss(task, output, labels, { active, count, fields: outputs._input_ as XDict });
    } catch (error) {
      const reason = messageOf(error);
      throw new Error(`[${where}] the loss of task "${taskName}" on label "${label}" failed: ${reason}`, {
        cause: error,
      });
    }
  }
  return { lossDict, countDict };
}

/** Classes are integers; `torch.tensor([0, 1])` is float32, other than in Python. */
function checkClasses(where: string, { lossFunc }: Task, label: string, labels: Tensor): void {
  if (lossFunc !== nn.functional.crossEntropy || labels.shape.length !== 1) return;
  if (labels.dtype === "int64" || labels.dtype === "uint8") return;
  const remedy = 'Give labels.long(), or make them with { dtype: "int64" }';
  throw expected(where, "classes in int64", `label "${label}"`, labels.dtype, remedy);
}
