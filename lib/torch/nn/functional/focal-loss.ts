import { expected } from "../../../errors.ts";
import { mergeOptions, number } from "../../../options.ts";
import type { Tensor } from "../../tensor.ts";
import { logSoftmax } from "./activation.ts";
import { binaryCrossEntropyWithLogits, nllLoss } from "./loss.ts";
import {
  type FocalLossOptions,
  focalDefaults,
  type SigmoidFocalLossOptions,
  sigmoidFocalDefaults,
} from "./loss-options.ts";
import { reduce } from "./reduction.ts";

const leastDoubt = 1e-12;

/** Checks what the module and the function of the binary focal loss take alike. */
export function checkSigmoidFocal(where: string, { alpha, gamma }: Required<SigmoidFocalLossOptions>): void {
  number(where, "gamma", gamma, { min: 0 });
  if (alpha !== -1 && !(typeof alpha === "number" && alpha >= 0 && alpha <= 1))
    throw expected(where, "a number from 0 to 1, or -1 for none", "alpha", alpha);
}

/**
 * The focal loss of logits and targets 0 or 1, of one size: binary cross-entropy in which examples that are already
 * classified well count less, for tasks with few positives. As torchvision defines it, defaults included: there is no
 * reduction unless one is asked for.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html
 */
export function sigmoidFocalLoss(input: Tensor, target: Tensor, options?: SigmoidFocalLossOptions): Tensor {
  const where = "nn.functional.sigmoidFocalLoss";
  const read = mergeOptions(where, sigmoidFocalDefaults, options);
  checkSigmoidFocal(where, read);
  const { alpha, gamma, reduction } = read;
  const [probability, negative] = [input.sigmoid(), target.neg().add(1)];
  const entropy = binaryCrossEntropyWithLogits(input, target, { reduction: "none" });
  const certainty = probability.mul(target).add(probability.neg().add(1).mul(negative));
  const losses = entropy.mul(certainty.neg().add(1).pow(gamma));
  if (alpha < 0) return reduce(where, losses, reduction);
  return reduce(
    where,
    target
      .mul(alpha)
      .add(negative.mul(1 - alpha))
      .mul(losses),
    reduction,
  );
}

/** Checks what the module and the function of the multi-class focal loss take alike. */
export function checkFocal(where: string, { gamma }: Required<FocalLossOptions>): void {
  number(where, "gamma", gamma, { min: 0 });
}

/**
 * The focal loss of logits and labels: `-weight[label] (1 - p)^gamma log(p)`, where p is the softmax probability of the
 * label. Without weights and with gamma 0 it is cross-entropy. "mean" divides by the number of elements whose label is not
 * `ignoreIndex`, whatever their weights.
 *
 * PyTorch has no such loss; this is that of Lin, Goyal, Girshick, He and Dollár, "Focal Loss for Dense Object
 * Detection", 2017, over softmax.
 *
 * @param input - logits: [batch, classes], [classes] or [batch, classes, ...]
 * @param target - int64 labels without the class dimension
 * @throws RangeError for a label that is out of range and not `ignoreIndex`.
 * @see https://arxiv.org/abs/1708.02002
 */
export function focalLoss(input: Tensor, target: Tensor, options?: FocalLossOptions): Tensor {
  const where = "nn.functional.focalLoss";
  const read = mergeOptions(where, focalDefaults, options);
  checkFocal(where, read);
  const { gamma, weight, ignoreIndex, reduction } = read;
  const logProbs = logSoftmax(input, { dim: input.shape.length === 1 ? 0 : 1 });
  const entropy = nllLoss(logProbs, target, { ignoreIndex, reduction: "none" });
  const weighted =
    weight === null ? entropy : nllLoss(logProbs, target, { weight, ignoreIndex, reduction: "none" });
  // Below 1, a power of gamma has no slope at 0, where a label is certain.
  const doubt = entropy.neg().expm1().neg().clampMin(leastDoubt);
  const losses = doubt.pow(gamma).mul(weighted);
  if (reduction !== "mean") return reduce(where, losses, reduction);
  return losses.sum().div(target.ne(ignoreIndex).sum());
}
