import { expected } from "../errors.ts";
import { hasClasses, type MetricName, probsToPreds, toScoringArray } from "../scoring/index.ts";
import { nn, scope, Tensor, tensor } from "../torch/index.ts";
import type { LossFunction } from "./loss.ts";

const { functional } = nn;

/** What a task's labels are. */
export type TaskKind = "classification" | "multilabel" | "regression";

/** What a kind of task does unless its own options say otherwise. */
interface Preset {
  lossFunc: LossFunction;
  outputFunc: (output: Tensor) => Tensor;
  metrics: readonly MetricName[];
}

export const presets: Readonly<Record<TaskKind, Preset>> = {
  classification: {
    lossFunc: functional.crossEntropy,
    outputFunc: (output) => functional.softmax(output, { dim: 1 }),
    metrics: ["accuracy"],
  },
  multilabel: {
    lossFunc: functional.binaryCrossEntropyWithLogits,
    outputFunc: (output) => output.sigmoid(),
    metrics: ["f1_micro"],
  },
  regression: { lossFunc: functional.mseLoss, outputFunc: (output) => output, metrics: ["mse"] },
};

export const taskKinds = Object.keys(presets) as TaskKind[];

/**
 * The predictions that follow from what a task gives, int64: the likeliest class, [rows], or 0 or 1 for each label, of the
 * shape of the probabilities. Undefined for a regression, and for outputs without classes.
 *
 * @throws TypeError for probabilities that are no numbers.
 */
export function predictionsOf({ kind, threshold }: Predicting, probs: Tensor): Tensor | undefined {
  if (kind === "regression") return undefined;
  if (kind === "multilabel") {
    return scope(() => {
      if (probs.isnan().any().item())
        throw expected("predict", "numbers", "the probabilities of labels", Number.NaN);
      return probs.gt(threshold).to("int64").keep();
    });
  }
  const rows = toScoringArray(probs.toTypedArray(), probs.shape);
  return hasClasses(rows) ? tensor(probsToPreds(rows), { dtype: "int64" }) : undefined;
}

interface Predicting {
  kind: TaskKind;
  /** Above which probability a label is predicted. */
  threshold: number;
}

/**
 * The labels as an element-wise loss takes them: of the output's shape, where they are as many, so that `[rows]` and
 * `[rows, 1]` are not broadcast against each other, and floating, as the output is.
 */
export function fittedLabels(kind: TaskKind, output: unknown, labels: Tensor): Tensor {
  if (kind === "classification" || !(output instanceof Tensor)) return labels;
  const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
  const isOther = `${labels.shape}` !== `${output.shape}` && size(labels.shape) === size(output.shape);
  const shaped = isOther ? labels.reshape(output.shape) : labels;
  // Of 16 bits, labels would lose their digits.
  const dtype = output.dtype === "float64" ? "float64" : "float32";
  return shaped.dtype === dtype ? shaped : shaped.to(dtype);
}
