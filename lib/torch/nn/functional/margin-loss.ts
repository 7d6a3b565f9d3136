import { expected } from "../../../errors.ts";
import { mergeOptions, number } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import { logsigmoid } from "./activation.ts";
import {
  type BinaryCrossEntropyOptions,
  binaryCrossEntropyDefaults,
  type MarginOptions,
  type MultiMarginLossOptions,
  marginDefaults,
  multiMarginDefaults,
  noMarginDefaults,
  type ReductionOptions,
  reductionDefaults,
} from "./loss-options.ts";
import { reduce, reductionNumber } from "./reduction.ts";

const ranking = operator("nn.functional.marginRankingLoss", ["aten::margin_ranking_loss"]);
const hinge = operator("nn.functional.hingeEmbeddingLoss", ["aten::hinge_embedding_loss"]);
const softMargin = operator("nn.functional.softMarginLoss", ["aten::soft_margin_loss"]);
const multiMargin = operator("nn.functional.multiMarginLoss", ["aten::multi_margin_loss"]);
const multilabelMargin = operator("nn.functional.multilabelMarginLoss", ["aten::multilabel_margin_loss"]);

/**
 * How much each first input falls short of being ranked above the second (target 1), or below (target -1), by `margin`
 * (0): the three tensors are of one number of dimensions.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
 */
export function marginRankingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options?: MarginOptions,
): Tensor {
  const where = "nn.functional.marginRankingLoss";
  const { margin, reduction } = mergeOptions(where, noMarginDefaults, options);
  for (const [name, tensor] of Object.entries({ input2, target })) {
    if (tensor.shape.length !== input1.shape.length)
      throw expected(where, `${input1.shape.length} dimensions, as input1 has`, name, tensor.shape);
  }
  return ranking(input1, input2, target, margin, reductionNumber(where, reduction)) as Tensor;
}

/**
 * The input itself where the target is 1; what it is below `margin` (1) where the target is -1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
 */
export function hingeEmbeddingLoss(input: Tensor, target: Tensor, options?: MarginOptions): Tensor {
  const where = "nn.functional.hingeEmbeddingLoss";
  const { margin, reduction } = mergeOptions(where, marginDefaults, options);
  return hinge(input, target, margin, reductionNumber(where, reduction)) as Tensor;
}

/**
 * `log(1 + exp(-target input))`, with targets 1 and -1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
 */
export function softMarginLoss(input: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  const where = "nn.functional.softMarginLoss";
  const { reduction } = mergeOptions(where, reductionDefaults, options);
  return softMargin(input, target, reductionNumber(where, reduction)) as Tensor;
}

/** Checks what the module and the function of multi-class margins take alike. */
export function checkMultiMargin(where: string, { p, weight }: Required<MultiMarginLossOptions>): void {
  if (p !== 1 && p !== 2) throw expected(where, "1 or 2", "p", p);
  if (weight !== null && weight.shape.length !== 1)
    throw expected(where, "1 dimension", "weight", weight.shape);
}

/**
 * How much less than `margin` (1) the label's score is above the other classes': their sum, over the number of classes.
 *
 * @param input - scores: [batch, classes] or [classes]
 * @param target - int64 labels: [batch], or without the batch
 * @throws Error for a label that is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html
 */
export function multiMarginLoss(input: Tensor, target: Tensor, options?: MultiMarginLossOptions): Tensor {
  const where = "nn.functional.multiMarginLoss";
  const read = mergeOptions(where, multiMarginDefaults, options);
  checkMultiMargin(where, read);
  const { p, margin, weight, reduction } = read;
  return multiMargin(input, target, p, margin, weight, reductionNumber(where, reduction)) as Tensor;
}

/**
 * The margin loss of several labels a row, each against all classes that are none of them.
 *
 * @param input - scores: [batch, classes] or [classes]
 * @param target - int64 labels of the input's size: those before the first -1 count
 * @throws Error for a label that is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html
 */
export function multilabelMarginLoss(input: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  const where = "nn.functional.multilabelMarginLoss";
  const { reduction } = mergeOptions(where, reductionDefaults, options);
  return multilabelMargin(input, target, reductionNumber(where, reduction)) as Tensor;
}

/**
 * Binary cross-entropy of logits and targets 0 or 1, the mean over the classes: one value a row before the reduction.
 *
 * @param input - logits: [..., classes]
 * @param options.weight - a weight for each class: [classes]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
 */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor,
  options?: BinaryCrossEntropyOptions,
): Tensor {
  const where = "nn.functional.multilabelSoftMarginLoss";
  const { weight, reduction } = mergeOptions(where, binaryCrossEntropyDefaults, options);
  const classes = number(where, "the size of input's last dimension", input.shape.at(-1), { min: 1 });
  const positives = target.mul(logsigmoid(input));
  const losses = positives.add(target.neg().add(1).mul(logsigmoid(input.neg()))).neg();
  const weighted = weight === null ? losses : losses.mul(weight);
  return reduce(where, weighted.sum(-1).div(classes), reduction);
}
