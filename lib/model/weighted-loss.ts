import { expected, shapeText } from "../errors.ts";
import { isFloating } from "../torch/dtype.ts";
import { nn, Tensor } from "../torch/index.ts";
import { crossEntropyWithProbs, entryLossesOfRows, lossesOfRows, meanOfActive, meanOfRows } from "./loss.ts";
import type { Task } from "./task.ts";

const { functional } = nn;

/**
 * A task's loss where classes or rows have weights: `sum(weight * loss) / n`, each row's loss weighted by its class and
 * by itself. `n` is the number of labelled rows; with class labels and `classWeights` it is the sum of the weights of
 * their classes, as PyTorch has it. No shape depends on which rows are labelled, so that the step can be recorded.
 *
 * @param active - which rows carry a label, [rows], boolean
 * @param sampleWeights - [rows], or null for none
 * @throws TypeError for a loss of one value for all rows, whose parts nobody else can weigh.
 */
export function weightedLoss(
  task: Task,
  output: Tensor,
  labels: Tensor,
  active: Tensor,
  sampleWeights: Tensor | null,
): Tensor {
  const dtype = output.dtype === "float64" ? "float64" : "float32";
  const weight = task.classWeights?.to({ device: output.device, dtype }) ?? null;
  const hasClasses = task.lossFunc === functional.crossEntropy && !isFloating(labels.dtype);
  if (sampleWeights === null && hasClasses)
    return functional.crossEntropy(output, labels, { weight, ignoreIndex: -1 });
  const given = rowLosses(task, output, labels, active, weight);
  const isOfEntries = given.shape.length > 1 && `${given.shape}` === `${labels.shape}`;
  const losses = isOfEntries ? meanOfRows(given, labels.ne(-1)) : given;
  if (losses.shape.length !== 1 || losses.shape[0] !== labels.shape[0]) {
    const where = `Task ${JSON.stringify(task.name)}`;
    const remedy = 'Let lossFunc give one value a row, or a label, with reduction: "none"';
    const got = shapeText(losses.shape);
    throw expected(where, "losses of rows", "lossFunc with sampleWeights", got, remedy);
  }
  const weighted = sampleWeights === null ? losses : losses.mul(sampleWeights.to({ dtype: losses.dtype }));
  if (weight === null || !hasClasses) return meanOfActive(weighted, active);
  const classWeights = weight.indexSelect(0, labels.clampMin(0)).where(active, 0);
  return weighted.where(active, 0).sum().div(classWeights.sum());
}

function rowLosses(
  task: Task,
  output: Tensor,
  labels: Tensor,
  active: Tensor,
  weight: Tensor | null,
): Tensor {
  const { lossFunc } = task;
  const options = { weight, reduction: "none" } as const;
  if (lossFunc === functional.crossEntropy && !isFloating(labels.dtype))
    return functional.crossEntropy(output, labels, { ...options, ignoreIndex: -1 });
  if (lossFunc === functional.crossEntropy)
    return lossesOfRows(
      (scores, target) => functional.crossEntropy(scores, target, options),
      output,
      labels,
      active,
    );
  if (lossFunc === crossEntropyWithProbs) return crossEntropyWithProbs(output, labels, options);
  return (
    entryLossesOfRows(lossFunc, task.lossModule, output, labels) ??
    lossesOfRows(lossFunc, output, labels, active)
  );
}

/**
 * The weights of a batch's rows, [rows].
 * @throws TypeError for a field that is not there, or holds something other than one number a row.
 */
export function sampleWeightsOf(task: Task, field: unknown, rows: number): Tensor {
  const where = `Task ${JSON.stringify(task.name)}`;
  const name = `field ${JSON.stringify(task.sampleWeights)}, its sampleWeights`;
  if (!(field instanceof Tensor)) throw expected(where, "a tensor of one number a row", name, field);
  const weights = field.flatten();
  if (weights.shape[0] === rows) return weights;
  throw expected(where, `one number for each of ${rows} rows`, name, shapeText(field.shape));
}
