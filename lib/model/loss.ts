import { oneOf } from "../options.ts";
import { nn, type Tensor } from "../torch/index.ts";

const { functional } = nn;

/** A task's loss: the head's output and the labels of the same rows to a scalar, or to one value a row. */
export type LossFunction = (output: Tensor, labels: Tensor) => Tensor;

/**
 * Cross-entropy for labels that are probabilities:
 * `-sum over classes of target * logSoftmax(input) * weight`.
 *
 * @param input - logits, [rows, classes]
 * @param target - probabilities, [rows, classes]
 * @param options.weight - one weight a class, [classes]
 * @param options.reduction - "mean" divides by the number of rows, not by the weights' sum
 * Source: snorkel/classification/loss.py.
 */
export function crossEntropyWithProbs(
  input: Tensor,
  target: Tensor,
  options: { weight?: Tensor | null; reduction?: "none" | "mean" | "sum" } = {},
): Tensor {
  const { weight = null, reduction = "mean" } = options;
  oneOf("crossEntropyWithProbs", "reduction", reduction, ["none", "mean", "sum"]);
  const logProbs = functional.logSoftmax(input, { dim: 1 });
  const weighted = weight === null ? target.mul(logProbs) : target.mul(logProbs).mul(weight);
  const losses = weighted.sum(1).neg();
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.mean();
}

/** The default loss of a task. */
export const defaultLoss: LossFunction = functional.crossEntropy;

/**
 * The mean loss over the active rows alone, with shapes that do not depend on how many they are, so that a step over
 * partly labelled rows can be recorded and replayed. Null for a loss of which only its caller knows how.
 */
export function maskedLoss(
  loss: LossFunction,
  output: Tensor,
  labels: Tensor,
  active: Tensor,
  activeCount: number,
): Tensor | null {
  if (loss === functional.crossEntropy && labels.shape.length === 1) {
    return functional.crossEntropy(output, labels, { ignoreIndex: -1 });
  }
  if (loss === crossEntropyWithProbs) {
    return meanOfActive(crossEntropyWithProbs(output, labels, { reduction: "none" }), active, activeCount);
  }
  return null;
}

/** The mean of one loss a row over the active rows. */
export function meanOfActive(losses: Tensor, active: Tensor, activeCount: number): Tensor {
  return losses.where(active, 0).sum().div(activeCount);
}
